import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compatibility } from '.';

/** What pgbouncer_exporter 0.12.1 answered on PgBouncer 1.18: type and labels by name. */
const recorded = JSON.parse(
  readFileSync(join(__dirname, '..', '..', 'test', 'fixtures', 'pgbouncer_exporter-0.12.1.json'), 'utf8'),
) as Record<string, [type: string, ...labels: string[]]>;

type Declared = { name: string; type: string; labels: readonly string[] };
const declared = [...compatibility.derived, ...compatibility.reports].flatMap(
  ({ metrics }) => Object.values(metrics) as Declared[],
);

describe('the view of pgbouncer_exporter', () => {
  it('has every name that 0.12.1 was seen to emit, with its type and labels, but for what says who it is', () => {
    const ours = Object.fromEntries(declared.map(({ name, type, labels }) => [name, [type, ...[...labels].sort()]]));
    const { pgbouncer_exporter_build_info: itself, ...theirs } = recorded;
    expect(itself).toBeDefined();
    expect(ours).toMatchObject(theirs);
  });

  it('has no other names than those, and what newer versions of PgBouncer count', () => {
    const others = declared.map(({ name }) => name).filter((name) => recorded[name] === undefined);
    expect(others.sort()).toEqual(
      ['binds', 'client_parses', 'server_assignments', 'server_parses'].map(
        (what) => `pgbouncer_stats_totals_${what}_total`,
      ),
    );
  });
});
