import { configSchema, emptyWindow, type Finding, slide } from '@submilli/core';
import fc from 'fast-check';
import { snapshotsOf } from '../../test/fixtures';
import type { DemandReading } from '../demand/demand';
import { queueingOf } from '../demand/queueing';
import { type Peaks, peaks } from '../derived/peaks';
import { poolWindow } from '../samplers/pool-window';
import type { ShowRow } from '../show';
import { poolRules } from './index';

const config = configSchema.parse({});
const env = (version = '1.18.0', versionNumber = 11_800) => ({ config, facts: { version, versionNumber } });

const check = (name: string, given: object, facts = env()) => {
  const rule = poolRules.find((candidate) => candidate.name === name);
  if (rule === undefined) throw new Error(`no rule ${name}`);
  return rule.check(given as Record<string, unknown>, facts, 0);
};
const findings = (name: string, given: object, facts = env()): readonly Finding[] => {
  const result = check(name, given, facts);
  if ('notEvaluated' in result) throw new Error(result.notEvaluated);
  return result;
};

/** What a look at the only pool finds: busy servers and waiting clients. */
type Look = readonly [busy: number, waiting: number];

const readingOf = ([busy, waiting]: Look): ReadonlyMap<string, DemandReading> =>
  new Map([
    [
      'app',
      {
        ...{ transactions: 0, serverSeconds: 0, waitSeconds: 0 },
        pools: [{ user: 'trader', busy, waiting, clients: busy + waiting }],
      },
    ],
  ]);

/** A look every ten seconds. */
const windowOf = (...looks: Look[]) =>
  looks.reduce(
    (window, look, i) => slide(window, i * 10_000, readingOf(look)),
    emptyWindow<ReadonlyMap<string, DemandReading>>(60),
  );

const use = (limit: string, used: number, max: number, user = 'trader') => ({
  ...{ database: 'app', user, limit, used, max },
});
const settings = (changes: Record<string, string> = {}): ShowRow[] =>
  Object.entries({ server_login_retry: '15', reserve_pool_timeout: '5', ...changes }).map(([key, value]) => ({
    key,
    value,
  }));

describe('what is read from queues over a window', () => {
  it('counts the looks that found clients waiting, and how busy servers were at those', () => {
    expect(queueingOf(windowOf([2, 0], [1, 3], [2, 1], [0, 0]))).toEqual([
      {
        ...{ database: 'app', user: 'trader', seconds: 30, looks: 4, withQueue: 2 },
        ...{ leastBusy: 1, mostBusy: 2, mostWaiting: 3 },
      },
    ]);
    expect(queueingOf(windowOf([2, 0], [2, 0]))).toEqual([]);
  });

  it('never makes a pool both one in a peak without reserve, and one that gets no servers', () => {
    const look = fc.tuple(fc.nat(6), fc.nat(3)) as fc.Arbitrary<Look>;
    fc.assert(
      fc.property(fc.array(look, { minLength: 4, maxLength: 7 }), fc.integer({ min: 1, max: 6 }), (looks, size) => {
        const given = stuck(looks, { uses: [use('pool_size', 0, size)] });
        const spoken = [findings('pool-not-filling', given), findings('reserve-off', given)].filter(
          (found) => found.length > 0,
        );
        expect(spoken.length).toBeLessThanOrEqual(1);
      }),
    );
  });
});

type Around = { readonly uses?: readonly object[]; readonly paused?: number; readonly sv_login?: number };

/** What the rules get of one pool of 5, unless `uses` says otherwise. */
const stuck = (looks: readonly Look[], { uses = [use('pool_size', 1, 5)], paused = 0, sv_login = 0 }: Around = {}) => ({
  pools: [{ database: 'app', user: 'trader', cl_waiting: 3, sv_active: 1, sv_login }],
  databases: [{ name: 'app', paused }],
  poolWindow: windowOf(...looks),
  saturation: { uses, bindings: [] },
  health: { withoutServer: [{ database: 'app', user: 'trader', value: false }], stale: [] },
  limits: settings(),
});

describe('a pool that has room, and clients that wait', () => {
  const queue: readonly Look[] = [
    [1, 3],
    [1, 4],
    [1, 3],
    [2, 3],
  ];

  it('is found when every look found a queue and none a full pool', () => {
    const [found] = findings('pool-not-filling', stuck(queue));
    expect(found).toMatchObject({ subject: 'app trader', severity: 'critical' });
    expect(found?.title).toContain('2 of 5 servers');
    expect(found?.why).toContain('server_login_retry (15 s)');
    expect(findings('pool-not-filling', stuck(queue, { sv_login: 1 }))[0]?.why).toContain('connecting is slow');
  });

  it('is not, when it was full once, or the queue was gone once', () => {
    expect(findings('pool-not-filling', stuck([...queue, [5, 2]]))).toEqual([]);
    expect(findings('pool-not-filling', stuck([...queue, [1, 0]]))).toEqual([]);
  });

  it('is not, when it is paused, without any server, or at a limit it shares', () => {
    expect(findings('pool-not-filling', stuck(queue, { paused: 1 }))).toEqual([]);
    const withoutServer = [{ database: 'app', user: 'trader', value: true }];
    expect(findings('pool-not-filling', { ...stuck(queue), health: { withoutServer, stale: [] } })).toEqual([]);
    const full = [use('pool_size', 1, 5), use('max_db_connections', 9, 9, '')];
    expect(findings('pool-not-filling', stuck(queue, { uses: full }))).toEqual([]);
    const others = [use('pool_size', 1, 5), { ...use('max_user_connections', 9, 9, 'somebody'), database: '' }];
    expect(findings('pool-not-filling', stuck(queue, { uses: others }))).toHaveLength(1);
  });

  it('is not judged before half the window was watched', () => {
    expect(check('pool-not-filling', stuck([[1, 3]]))).toEqual({
      notEvaluated: 'only 0 of 60 s have been watched yet',
    });
  });
});

describe('a pool without a reserve', () => {
  const peak: readonly Look[] = [
    [1, 0],
    [5, 3],
    [2, 0],
    [1, 0],
  ];

  it('gets one for what waited in a peak, in the words of its version', () => {
    const [found] = findings('reserve-off', stuck(peak));
    expect(found).toMatchObject({ subject: 'app trader', severity: 'info' });
    expect(found?.action.text).toContain('app = … reserve_pool=3');
    expect(found?.action.text).toContain('reserve_pool_timeout = 1');
    const [newer] = findings('reserve-off', stuck(peak), env('1.24.0', 12_400));
    expect(newer?.action.text).toContain('app = … reserve_pool_size=3');
    const soon = { ...stuck(peak), limits: settings({ reserve_pool_timeout: '0.5' }) };
    expect(findings('reserve-off', soon)[0]?.action.text).not.toContain('reserve_pool_timeout');
  });

  it('is none of its business where there is one, where the queue is lasting, or the pool was not full', () => {
    const reserved = { uses: [use('pool_size', 1, 5), use('reserve_pool', 1, 7)] };
    expect(findings('reserve-off', stuck(peak, reserved))).toEqual([]);
    expect(findings('reserve-off', stuck([...peak, [5, 1], [5, 1], [5, 1]]))).toEqual([]);
    expect(findings('reserve-off', stuck([...peak, [4, 1]]))).toEqual([]);
    expect(check('reserve-off', stuck([[5, 3]]))).toHaveProperty('notEvaluated');
  });

  it('is advised no more than its own size again', () => {
    expect(findings('reserve-off', stuck([...peak, [5, 400]]))[0]?.action.text).toContain('reserve_pool=5');
  });
});

describe('a pool that may open more than it ever needs', () => {
  const HOURS = 3_600_000;
  const derive = (look: Look | undefined, before: Peaks | undefined, at: number): Peaks =>
    peaks.derive(
      look === undefined ? snapshotsOf() : snapshotsOf([poolWindow, windowOf(look)]),
      { ...env(), target: 'pool', shared: [] },
      ...([before, at] as const),
    );
  const given = (seen: Peaks, pool_size: number) => ({
    ...{ databases: [{ name: 'app', pool_size }], peaks: seen, poolWindow: emptyWindow(60) },
  });

  it('remembers the highest peak and since when, also when a look is missing, and forgets what is gone', () => {
    const first = derive([3, 4], undefined, 1000);
    expect(first.peaks).toEqual([{ database: 'app', wanted: 7, watchedSeconds: 0 }]);
    const later = derive([1, 0], first, 1000 + HOURS);
    expect(later.peaks).toEqual([{ database: 'app', wanted: 7, watchedSeconds: 3600 }]);
    expect(derive(undefined, later, 1000 + 2 * HOURS)).toEqual(later);
    const gone = snapshotsOf([poolWindow, slide(emptyWindow(60), 0, new Map())]);
    expect(peaks.derive(gone, { ...env(), target: 'pool', shared: [] }, later, 2 * HOURS).peaks).toEqual([]);
  });

  it('is found after a day, by its highest peak and some to spare', () => {
    const day = derive([4, 0], derive([6, 3], undefined, 0), 24 * HOURS);
    const [found] = findings('pool-oversized', given(day, 100));
    // 9 at once, and twice the root of it.
    expect(found?.action.text).toContain('app = … pool_size=15');
    expect(found).toMatchObject({ severity: 'info', impact: { confidence: 'low' } });
    expect(findings('pool-oversized', given(day, 59))).toEqual([]);
    expect(findings('pool-oversized', given(derive([1, 0], derive([1, 0], undefined, 0), 24 * HOURS), 49))).toEqual([]);
  });

  it('is not judged on less than a day, nor without any use', () => {
    const young = derive([1, 0], derive([1, 0], undefined, 0), 23 * HOURS);
    expect(check('pool-oversized', given(young, 1000))).toHaveProperty('notEvaluated');
    const idle = derive([0, 0], derive([0, 0], undefined, 0), 24 * HOURS);
    expect(findings('pool-oversized', given(idle, 1000))).toEqual([]);
  });

  it('is never advised less than it was seen to want', () => {
    fc.assert(
      fc.property(fc.nat(500), fc.nat(500), fc.integer({ min: 1, max: 10_000 }), (busy, waiting, size) => {
        const day = derive([0, 0], derive([busy, waiting], undefined, 0), 24 * HOURS);
        for (const { action } of findings('pool-oversized', given(day, size))) {
          const advised = Number(/pool_size=(\d+)/.exec(action.text)?.[1]);
          expect(advised).toBeGreaterThanOrEqual(busy + waiting);
          expect(advised).toBeLessThan(size);
        }
      }),
    );
  });
});
