import { drillReport, type DrillKind, type DrillReport, type DrillRun } from '@submilli/core';
import { reportOf } from '../drill';
import { kinds } from '../kinds';
import { judge } from '../verdict/judge';
import { runOf, type Finished } from '../verdict/run';
import { medianOf } from '../../statistics/quantiles';
import { spreadOf } from '../verdict/summary';
import type { Acknowledged } from '../verdict/writes';
import { markdownTable, replaceTable } from './markdown';
import { reportPage } from './page';
import { terminalReport } from './terminal';

const steady = (from: number, to: number, member: string, timeline: number): Acknowledged[] =>
  Array.from({ length: (to - from) / 10 }, (_, i) => {
    const due = from + i * 10;
    return { path: 'pool' as const, seq: due / 10, due, sent: due, at: due + 2, member, timeline };
  });

/** Two seconds on pg1, three and a half without, two on pg2. */
const writes = [...steady(0, 2000, 'pg1', 1), ...steady(5500, 7500, 'pg2', 2)];

const finished = (change: Partial<Finished> = {}): Finished => ({
  startedAt: new Date('2026-01-02T03:04:05Z'),
  ...{ from: 1995, to: 6500, healed: 9000, end: 10_000, helped: [], members: ['pg1', 'pg2'], paths: ['pool'] },
  injected: { what: 'kill -9 of <pg1>', member: { name: 'pg1', host: 'h', port: 1, ssl: false, restUrl: '' } },
  written: {
    acknowledged: writes,
    failed: [{ path: 'pool', seq: 250, due: 2500, at: 2501, class: 'ECONNREFUSED', message: 'connect ECONNREFUSED' }],
    unsent: { pool: 349 },
  },
  kept: new Map([['pool', new Map(writes.map(({ seq }) => [seq, 1]))]]),
  sightings: [
    { at: 0, member: 'pg1', role: 'primary', timeline: 1 },
    { at: 2000, member: 'pg1', role: 'down', timeline: null },
    { at: 0, member: 'pg2', role: 'standby', timeline: null },
    { at: 5400, member: 'pg2', role: 'primary', timeline: 2 },
  ],
  events: [{ at: 1995, who: 'drill', what: 'node loss begins' }],
  before: { primary: { name: 'pg1' }, timeline: 1 },
  after: { primary: { name: 'pg2' }, timeline: 2 },
  ...change,
});

const facts = {
  software: { patroni: '3.0.2', postgresql: '15.18', pgbouncer: '1.18.0', etcd: '3.4.23' },
  configuration: {
    ...{ ttl: 5, loopWait: 1, retryTimeout: 2, primaryStartTimeout: 0, synchronousMode: true },
    ...{ synchronousModeStrict: false, failsafeMode: true, members: 2, etcdMembers: 3, fence: null },
  },
};

const report = (kind: DrillKind, runs: DrillRun[]): DrillReport =>
  reportOf(kind, `x-${kind}`, 'main', new Date('2026-01-02T03:04:05Z'), facts, runs);

const good = runOf(finished());
const losing = runOf(finished({ kept: new Map([['pool', new Map(writes.slice(3).map(({ seq }) => [seq, 1]))]]) }));

describe('a run', () => {
  it('is told as the client saw it', () => {
    expect(good.paths).toEqual([
      {
        ...{ path: 'pool', acknowledged: 400, failed: 1, unsent: 349, lost: 0, duplicates: 0 },
        ...{ recoverySeconds: 3.51, longestStallSeconds: 0.002 },
        errors: [{ class: 'ECONNREFUSED', count: 1, first: 2.501, last: 2.501, example: 'connect ECONNREFUSED' }],
      },
    ]);
    expect(good.rejoinSeconds).toBe(2.5);
    expect(good.splitBrain).toEqual([]);
    expect(good.timeline.paths[0]?.acknowledged).toHaveLength(100);
    expect(good.timeline.paths[0]?.acknowledged.reduce((a, b) => a + b)).toBe(400);
  });

  it('counts a lost write where it was acknowledged', () => {
    expect(losing.paths[0]?.lost).toBe(3);
    expect(losing.timeline.paths[0]?.lost.slice(0, 2)).toEqual([3, 0]);
  });
});

describe('the verdict', () => {
  it('passes when nothing was lost and the path came back', () => {
    expect(judge(kinds['node-loss'], [good], true)).toEqual({ passed: true, findings: [] });
  });

  it('fails loudly when an acknowledged write is gone, and names the run', () => {
    const { passed, findings } = judge(kinds['node-loss'], [good, losing], true);
    expect(passed).toBe(false);
    expect(findings).toEqual([expect.stringMatching(/^run 2: 3 ACKNOWLEDGED WRITES LOST on the path pool/)]);
  });

  it('does not hold an asynchronous cluster to what it never promised', () => {
    expect(judge(kinds['node-loss'], [losing], false).passed).toBe(true);
  });

  it('allows no error through the pool in a switchover, and does elsewhere', () => {
    expect(judge(kinds.switchover, [good], true).findings).toEqual([
      expect.stringContaining('1 error through the pool'),
    ]);
  });

  it('fails when a path never came back, where there is something to come back from', () => {
    const silent = runOf(finished({ written: { acknowledged: steady(0, 2000, 'pg1', 1), failed: [], unsent: {} } }));
    expect(judge(kinds['node-loss'], [silent], true).passed).toBe(false);
    expect(judge(kinds['etcd-leader'], [silent], true).passed).toBe(true);
  });

  it('fails when somebody had to help', () => {
    expect(judge(kinds.hang, [runOf(finished({ helped: ['it was pushed'] }))], true).findings).toEqual([
      'the cluster did not get whole by itself: it was pushed',
    ]);
  });
});

describe('a summary', () => {
  it('has the median of an odd and an even number', () => {
    expect(medianOf([3, 1, 2])).toBe(2);
    expect(medianOf([4, 1, 3, 2])).toBe(2.5);
  });

  it('leaves out runs in which it did not happen, instead of counting them as zero', () => {
    expect(spreadOf([null, 2, null, 4])).toEqual({ min: 2, median: 3, max: 4, runs: 2 });
    expect(spreadOf([null])).toBeNull();
  });
});

describe('a report', () => {
  it('is what the exporter and the app read', () => {
    expect(drillReport.parse(JSON.parse(JSON.stringify(report('node-loss', [good, losing]))))).toMatchObject({
      verdict: { passed: false },
      summary: { lost: 3, acknowledged: 800, paths: [{ path: 'pool', recovery: { median: 3.51, runs: 2 } }] },
    });
  });

  it('in the terminal says figures, conditions and the loss', () => {
    const text = terminalReport(report('node-loss', [losing]));
    expect(text).toContain('3.51');
    expect(text).toContain('Patroni 3.0.2, PostgreSQL 15.18, PgBouncer 1.18.0, etcd 3.4.23 (3); ttl 5');
    expect(text).toContain('FAILED');
    expect(text).toContain('3 ACKNOWLEDGED WRITES LOST');
  });

  it('as a page fetches nothing, and shows no text as markup', () => {
    const page = reportPage(report('node-loss', [good, losing]));
    expect(page).not.toMatch(/https?:|<script|<link|<img|url\(/);
    expect(page).toContain('kill -9 of &lt;pg1&gt;');
    expect(page).not.toContain('<pg1>');
    expect(page.match(/<svg /g)).toHaveLength(2);
  });
});

describe('the table for the docs', () => {
  const older = { ...report('node-loss', [good, good]), startedAt: '2025-01-01T00:00:00.000Z' };
  const table = markdownTable([report('node-loss', [good]), report('switchover', [good]), older]);

  it('has a line for each kind, in their order, from its last report', () => {
    const lines = table.split('\n').filter((line) => /^\| [a-z]/.test(line));
    expect(
      lines.map((line) =>
        line
          .split('|')
          .slice(1, 4)
          .map((cell) => cell.trim()),
      ),
    ).toEqual([
      ['fault', 'runs', 'through the pool'],
      ['switchover', '1', '3.51'],
      ['node loss', '1', '3.51'],
    ]);
    expect(table).toContain('ttl 5');
  });

  it('replaces what is between the markers, and nothing else', () => {
    const text = 'a\n<!-- drills: begin -->\nold\n<!-- drills: end -->\nb\n';
    const once = replaceTable(text, 'new', 'f');
    expect(once).toBe('a\n<!-- drills: begin -->\n\nnew\n\n<!-- drills: end -->\nb\n');
    expect(replaceTable(once, 'new', 'f')).toBe(once);
    expect(() => replaceTable('nothing', 'new', 'f')).toThrow(/f: has no lines/);
  });
});
