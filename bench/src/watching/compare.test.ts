import { compare, costsOf, goalOf, intervalText, memoryGoal, percentText } from './compare';
import type { Measured } from './cycles';
import { randomOf } from '../random';

const measured = (changes: Partial<Measured>): Measured => ({
  ...{
    who: 'Submilli',
    reads: 'same',
    on: '10 tables',
    role: 'watcher_0',
    memoryMb: 50,
    firstText: '',
  },
  watcher: {
    name: '',
    pid: 1,
    urls: [],
    pause: () => undefined,
    resume: () => undefined,
    stop: () => Promise.resolve(),
  },
  ledger: { read: () => Promise.resolve(new Map()), close: () => Promise.resolve() },
  scrapes: [1, 2].map((n) => ({ wall: n, cpu: n, database: n, series: 1, bytes: 1 })),
  cycles: [10, 20].map((n) => ({ cpu: n, database: n, sessions: n, connections: 0 })),
  ...changes,
});

const accounting = {
  ...{ intervalSeconds: 15, surveys: new Map([['bloat', 600]]), alone: new Map<string, number>() },
  random: randomOf(1),
};

describe('what a scrape costs', () => {
  it('holds what was done between scrapes, and the share of surveys that are rarer', () => {
    const firstText = 'db_exporter_database_seconds_total{collector="bloat"} 40';
    const costs = costsOf(measured({ firstText }), accounting);
    expect(costs).toEqual({ wall: [1, 2], cpu: [10, 20], database: [11, 21], sessions: [10, 20] });
  });

  it('is of PgBouncer what it took during the scrape, and what the watcher alone makes it do', () => {
    const alone = new Map([['Submilli same 10 tables', 0.1]]);
    const costs = costsOf(measured({}), { ...accounting, alone });
    expect(costs.database).toEqual([2.5, 3.5]);
    expect(costs.sessions).toEqual([]);
  });

  it('relates to a peer by what each costs, and by memory', () => {
    const peer = measured({
      who: 'peer',
      memoryMb: 25,
      cycles: [20, 40].map((n) => ({ cpu: n, database: n, sessions: n, connections: 0 })),
    });
    const found = compare(measured({}), peer, accounting);
    expect(found.cpu?.ratio).toBeCloseTo(0.5, 12);
    expect(found.wall?.ratio).toBeCloseTo(1, 12);
    expect(found.memory).toBe(2);
  });
});

describe('a goal', () => {
  it('is not met by an interval that holds it', () => {
    const goal = goalOf('CPU', 'at most half', { ratio: 0.4, low: 0.3, high: 0.6 }, 0.5, intervalText);
    expect(goal).toEqual({
      ...{ what: 'CPU', target: 'at most half', met: false },
      measured: '0.40 (0.30 to 0.60); undecided: the interval holds the goal',
    });
  });

  it('that was not measured is not met', () => {
    expect(goalOf('CPU', 'at most half', undefined, 0.5, intervalText)).toMatchObject({
      measured: 'not measured',
      met: false,
    });
  });

  it('is told in percent of what was lost or added', () => {
    const lost = { ratio: 0.001, low: -0.002, high: 0.004 };
    expect(goalOf('throughput', 'under 1 %', lost, 0.01, percentText)).toMatchObject({
      measured: '0.1 % (-0.2 to 0.4)',
      met: true,
    });
  });

  it('of memory names the peers it is measured by, and those that did not run', () => {
    const [all, peer] = [measured({ memoryMb: 80 }), measured({ who: 'peer', memoryMb: 20 })];
    expect(memoryGoal(all, [peer], ['other'])).toMatchObject({
      measured: '80 MB of 50 MB (peer 20 MB; without other, which did not run)',
      met: false,
    });
    expect(memoryGoal(all, [peer, { ...peer, memoryMb: 31 }], []).met).toBe(true);
  });
});
