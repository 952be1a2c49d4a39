import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { compatibilityCollectors, compatibilityReports } from '.';
import { settingSample, type SettingRow } from './settings';
import { shortVersion } from './static';

/** What postgres_exporter 0.20.1 answered on PostgreSQL 15 and 18 with its default collectors: type and labels by name. */
const recorded = JSON.parse(
  readFileSync(join(__dirname, '..', '..', 'test', 'fixtures', 'postgres_exporter-0.20.1.json'), 'utf8'),
) as Record<string, [type: string, ...labels: string[]]>;

type Declared = { name: string; type: string; labels: readonly string[]; view: string | null };
const declared = [...compatibilityCollectors, ...compatibilityReports]
  .flatMap(({ metrics }) => Object.values(metrics) as Declared[])
  .filter(({ view }) => view !== null);

describe('the view of postgres_exporter', () => {
  it('has every name that 0.20.1 was seen to emit, with its type and labels, but for what says who it is', () => {
    const ours = Object.fromEntries(declared.map(({ name, type, labels }) => [name, [type, ...[...labels].sort()]]));
    const { ...theirs } = recorded;
    for (const name of Object.keys(theirs)) if (name.startsWith('postgres_exporter_')) delete theirs[name];
    expect(ours).toMatchObject(theirs);
  });

  it('has each name from one part only: what a part has read is written without a look at the others', () => {
    const names = declared.map(({ name }) => name);
    expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
  });

  it('has no other names than those, and the two that were not seen since there was nothing to say', () => {
    const others = declared.map(({ name }) => name).filter((name) => recorded[name] === undefined);
    expect(others.sort()).toEqual([
      'pg_replication_slots_safe_wal_size_bytes',
      'pg_settings_NAME',
      'pg_stat_archiver_last_archive_age',
    ]);
  });
});

describe('a setting', () => {
  const shown = (row: Partial<SettingRow>) => {
    const sample = settingSample({ name: 'x', setting: '1', unit: null, vartype: 'integer', ...row });
    return sample === undefined ? undefined : [sample.metric.name, sample.value];
  };

  it('is in base units, with the unit in its name', () => {
    expect(shown({ name: 'shared_buffers', setting: '16384', unit: '8kB' })).toEqual([
      'pg_settings_shared_buffers_bytes',
      134_217_728,
    ]);
    expect(shown({ setting: '200', unit: 'ms' })).toEqual(['pg_settings_x_seconds', 0.2]);
    expect(shown({ setting: '5', unit: 'min' })).toEqual(['pg_settings_x_seconds', 300]);
    expect(shown({ setting: '64', unit: '16MB' })).toEqual(['pg_settings_x_bytes', 2 ** 30]);
    expect(shown({ setting: 'on', vartype: 'bool' })).toEqual(['pg_settings_x', 1]);
    expect(shown({ setting: '0.5', vartype: 'real' })).toEqual(['pg_settings_x', 0.5]);
    expect(shown({ name: 'pg_stat_statements.max' })).toEqual(['pg_settings_pg_stat_statements_max', 1]);
  });

  it('keeps its -1, which is no quantity', () => {
    expect(shown({ setting: '-1', unit: 'kB' })).toEqual(['pg_settings_x_bytes', -1]);
  });

  it('is left out when it is no number, or in a unit that nobody knows', () => {
    expect(shown({ setting: 'many' })).toBeUndefined();
    expect(shown({ unit: 'parsec' })).toBeUndefined();
    expect(shown({ name: 'ünicode' })).toBeUndefined();
  });

  it('never has a name that Prometheus refuses, whatever an extension calls it', () => {
    fc.assert(
      fc.property(fc.string(), fc.constantFrom(null, 'ms', 'kB', 'B'), (name, unit) => {
        const sample = settingSample({ name, setting: '1', unit, vartype: 'integer' });
        if (sample !== undefined) expect(sample.metric.name).toMatch(/^[a-zA-Z_:][a-zA-Z0-9_:]*$/);
      }),
    );
  });
});

it('a version number becomes three parts', () => {
  expect([shortVersion(150_018), shortVersion(180_000)]).toEqual(['15.18.0', '18.0.0']);
});
