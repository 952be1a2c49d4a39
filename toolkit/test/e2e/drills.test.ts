import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type DrillKind,
  type DrillReport,
  drillKinds,
  drillReport,
  type FailoverRecord,
  failoversAnswer,
} from '@submilli/core';
import { kinds } from '../../src/drill/kinds';
import { reportsDirectory, topologyOfStack, type Topology } from '../../src/drill/topology';
import { withSession } from '../../src/drill/ask';
import { untilHealthy } from '../../src/drill/health';
import { patroniOf } from '../../src/drill/patroni';
import { leftToUndo } from '../../src/drill/undo';
import { layoutOf, submilliBin } from '../../src/stack/layout';
import { endsWith, ports, stateDirectory, submilli, until } from './stack';

jest.setTimeout(240_000);

const state = stateDirectory();
const isRoot = process.getuid?.() === 0;
const onHostsOnly: readonly DrillKind[] = ['power-off', 'partition', 'full-disk'];
/** After which the same member leads. */
const without: readonly DrillKind[] = ['etcd-leader', 'etcd-quorum', 'standby-loss'];
/** After which either may: a Patroni that its clients' new connections keep from asking its server hands over. */
const either: readonly DrillKind[] = ['full-disk'];
/** What the exporter calls what happened; a network cut and a host without power look the same from outside. */
const causes: Partial<Record<DrillKind, readonly string[]>> = {
  switchover: ['switchover'],
  'postmaster-kill': ['postmaster-crash'],
  'node-loss': ['node-loss'],
  'power-off': ['network'],
  hang: ['hang'],
  'postgres-hang': ['hang'],
  partition: ['network'],
};

const topology = (): Topology => topologyOfStack(layoutOf(state), () => Promise.reject(new Error('only looking')));

const drill = (kind: DrillKind): { readonly report: DrillReport | undefined; readonly told: string } => {
  const { output } = submilli('drill', kind, '--yes', '--json', '--state', state);
  const reports = reportsDirectory(topology());
  const name = readdirSync(reports).find((file) => file.endsWith(`-${kind}.json`));
  if (name === undefined) return { report: undefined, told: output };
  expect(existsSync(join(reports, name.replace(/json$/, 'html')))).toBe(true);
  return { report: drillReport.parse(JSON.parse(readFileSync(join(reports, name), 'utf8'))), told: output };
};

/** Nothing is left of a drill, and another could begin; whoever is primary now. */
const whole = async (): Promise<string> => {
  const there = topology();
  const { primary } = await untilHealthy(there, patroniOf(there), 60, undefined);
  const tables = await withSession(primary, there.owner, (client) =>
    client.query("SELECT FROM pg_catalog.pg_class WHERE oid = pg_catalog.to_regclass('submilli.heartbeat')"),
  );
  expect({ tables: tables.rowCount, undo: leftToUndo(there.workDirectory) }).toEqual({ tables: 0, undo: undefined });
  return primary.name;
};

const failoverSince = async (at: string): Promise<FailoverRecord | undefined> => {
  const answer = await fetch(`http://127.0.0.1:${ports.ha}/api/v1/failovers`, { signal: AbortSignal.timeout(3000) });
  const { failovers } = failoversAnswer.parse(await answer.json());
  return failovers.find((record) => record.seconds !== null && (record.startedAt ?? '') >= at);
};

beforeAll(() => {
  const hosts = isRoot ? ['--hosts'] : [];
  const up = ['stack', 'up', ...hosts, '--detach', '--yes', '--rate', '20', '--no-preview', '--state', state];
  const { status, output } = submilli(...up);
  if (status !== 0) throw new Error(`the stack did not start:\n${output}`);
}, 400_000);
afterAll(() => {
  submilli('stack', 'down', '--state', state);
}, 120_000);

describe.each(drillKinds)('a drill of %s', (kind) => {
  if (!isRoot && onHostsOnly.includes(kind)) {
    it('is refused with what it takes', () => {
      expect(drill(kind).told).toMatch(/hosts of their own/);
    });
    return;
  }

  let report: DrillReport;
  it('is passed: what was acknowledged is there, by one writer at a time', () => {
    const { report: own, told } = drill(kind);
    if (own === undefined) throw new Error(told);
    report = own;
    expect({ findings: own.verdict.findings, promisesLossless: own.promisesLossless }).toEqual({
      ...{ findings: [], promisesLossless: true },
    });
    expect(own.summary).toMatchObject({ lost: 0, duplicates: 0, splitBrains: 0 });
    expect(own.summary.acknowledged).toBeGreaterThan(200);
    const [pool] = own.summary.paths;
    if (kinds[kind].noErrorsThroughPool) expect(pool?.errors.max).toBe(0);
  });

  it(`leaves the cluster as it was, ${without.includes(kind) ? 'with' : 'but for'} its primary`, async () => {
    const [run] = report.runs;
    expect(await whole()).toBe(run?.primary.after);
    if (!either.includes(kind)) expect(run?.primary.before === run?.primary.after).toBe(without.includes(kind));
    expect(run?.helped).toEqual([]);
    // What it took down of the clients' writes is needed no more, since none is missing.
    expect(readdirSync(topology().workDirectory)).toEqual([]);
  });

  const cause = causes[kind];
  if (cause === undefined) return;
  it('was timed by the exporter as by its clients', async () => {
    const seen = await until(
      20,
      () => failoverSince(report.startedAt),
      (found) => found !== undefined,
    );
    const [run] = report.runs;
    expect(seen).toMatchObject({ outcome: 'failover', from: run?.primary.before, to: run?.primary.after });
    expect(cause).toContain(seen?.cause);
    expect({ seen, agrees: agrees(report, seen) }).toEqual({ seen, agrees: true });
  });
});

/**
 * While the exporter is sure that nobody could be written to, no client was told that its write is there; and whichever
 * way is quicker found the new primary within a client's patience of when there was one.
 */
const agrees = ({ runs, client }: DrillReport, seen: FailoverRecord | undefined): boolean => {
  const times = (runs[0]?.paths ?? []).flatMap(({ path, recoverySeconds }) =>
    path === 'old-primary' || recoverySeconds === null ? [] : [recoverySeconds],
  );
  const patience = client.patienceSeconds['multi-host'] ?? 0;
  return (
    times.length === 2 &&
    Math.min(...times) >= (seen?.low ?? Infinity) &&
    Math.min(...times) <= (seen?.high ?? 0) + patience
  );
};

describe('a drill', () => {
  const standby = async (): Promise<string> => {
    const there = topology();
    return (await untilHealthy(there, patroniOf(there), 60, undefined)).standby.name;
  };

  it('is not begun on a cluster with which something is wrong, and says what', async () => {
    const name = await standby();
    endsWith(0, submilli('stack', 'stop', name, '--state', state));
    const { status, output } = submilli('drill', 'switchover', '--yes', '--state', state);
    expect(output).toMatch(/healthy cluster only/);
    expect(output).toContain(name);
    expect(status).toBe(1);
    endsWith(0, submilli('stack', 'start', name, '--state', state));
    await whole();
  });

  it('that is killed while the primary hangs is taken back by who watches over it', async () => {
    await standby();
    const { workDirectory } = topology();
    const child = spawn(process.execPath, [submilliBin, 'drill', 'hang', '--yes', '--state', state], {
      stdio: 'ignore',
    });
    const hangs = () =>
      Promise.resolve(leftToUndo(workDirectory)?.steps.some(({ kind }) => kind === 'continue') === true);
    expect(await until(30, hangs, Boolean)).toBe(true);
    child.kill('SIGKILL');
    const left = () => Promise.resolve(leftToUndo(workDirectory) === undefined);
    expect(await until(120, left, Boolean)).toBe(true);
    await whole();
  });
});
