import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { drillReport, type DrillReport } from '@submilli/core';
import { lastDrills } from './reports';

let directory: string;
beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'submilli-drills-'))));
afterEach(() => rmSync(directory, { recursive: true }));

const one = { pool: 1, 'multi-host': 1, 'old-primary': 1 };

const report = (change: Pick<DrillReport, 'id' | 'kind'> & Partial<DrillReport>): DrillReport =>
  drillReport.parse({
    ...{ version: 1, cluster: 'main', startedAt: '2026-01-02T03:04:05Z', finishedAt: '2026-01-02T03:05:05Z' },
    software: { patroni: '3.0.2', postgresql: '15.18', pgbouncer: '1.18.0', etcd: '3.4.23' },
    configuration: {
      ...{ ttl: 5, loopWait: 1, retryTimeout: 2, primaryStartTimeout: 0, synchronousMode: true },
      ...{ synchronousModeStrict: false, failsafeMode: true, members: 2, etcdMembers: 3, fence: null },
    },
    client: { everySeconds: 0.01, sessions: one, patienceSeconds: one },
    ...{ promisesLossless: true, runs: [] },
    summary: { paths: [], rejoin: null, acknowledged: 0, lost: 0, duplicates: 0, splitBrains: 0 },
    verdict: { passed: true, findings: [] },
    ...change,
  });

const keep = (one: DrillReport): void => writeFileSync(join(directory, `${one.id}.json`), JSON.stringify(one));

describe('the reports of drills', () => {
  it('give the last of each kind, and of this cluster alone', () => {
    keep(report({ id: '20260101T000000Z-hang', kind: 'hang' }));
    keep(report({ id: '20260102T000000Z-hang', kind: 'hang' }));
    keep(report({ id: '20260103T000000Z-hang', kind: 'hang', cluster: 'other' }));
    keep(report({ id: '20260101T000000Z-postgres-hang', kind: 'postgres-hang' }));
    writeFileSync(join(directory, '20260102T000000Z-hang.html'), '<!doctype html>');
    expect(lastDrills(directory, 'main').map(({ id }) => id)).toEqual([
      '20260102T000000Z-hang',
      '20260101T000000Z-postgres-hang',
    ]);
  });

  it('are none where there never was a drill', () => {
    expect(lastDrills(join(directory, 'none'), 'main')).toEqual([]);
  });

  it('are not guessed at when one is damaged', () => {
    writeFileSync(join(directory, '20260102T000000Z-hang.json'), '{"version":1');
    expect(() => lastDrills(directory, 'main')).toThrow(/no report of a drill/);
  });
});
