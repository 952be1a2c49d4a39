import { configSchema, databaseScore, type ScoreOfDatabase } from '@submilli/core';
import fc from 'fast-check';
import { anySignals, well } from '../../test/score/signals';
import { scoreOf } from '../score/performance-score';
import type { Signals } from '../score/signals';
import { explain } from './score';

const { thresholds } = configSchema.parse({});
const explained = (signals: Signals): ScoreOfDatabase =>
  explain(scoreOf('app', signals, thresholds, undefined, 0), thresholds);
const componentOf = (score: ScoreOfDatabase, name: string) =>
  score.components.find(({ component }) => component === name);

describe('the explanation of a score', () => {
  it('gives each component a value, points, thresholds and a sentence', () => {
    const locks = componentOf(explained(well({ lock_waiters: 3, blocked_time: 12.3456 })), 'locks_and_waits');
    expect(locks).toMatchObject({
      ...{ weight: 20, signal: 'lock_waiters', points: 40, scoreIfWell: 100 },
      sentence: '3 sessions wait for a lock on average; well up to 0 sessions, critical from 5 sessions.',
    });
    expect(locks?.evidence.find(({ signal }) => signal === 'blocked_time')).toEqual({
      ...{ signal: 'blocked_time', value: 12.3456, unit: 's', warning: 1, critical: 30, source: 'pg_locks' },
      points: expect.closeTo(60.88) as number,
      thresholds: { warning: 'blocked_warning_seconds', critical: 'blocked_critical_seconds' },
      state: 'known',
      sentence: 'A session has been waiting for a lock for 12.3 s; well up to 1 s, critical from 30 s.',
    });
  });

  it('says which way is worse', () => {
    expect(componentOf(explained(well({ buffer_hits: 84.2 })), 'cache')?.sentence).toBe(
      '84.2 % of block requests are answered from shared buffers; well from 90 %, critical at 80 % or less.',
    );
  });

  it('says why the score is capped, and what would raise it most', () => {
    const score = explained(well({ lock_waiters: 1, transaction_time: 2000, buffer_hits: 85 }));
    expect(score.cap).toEqual({
      ...{ at: 40, component: 'latency' },
      why: 'latency has fewer than 50 points (everybody is served, late), so the score is at most 40.',
    });
    expect(score.raise).toMatchObject({ component: 'latency', to: 91 });
    expect(score.raise?.sentence).toBe(
      'With latency well, the score would be 91 instead of 40: A transaction takes 2000 ms of execution time on average; well up to 100 ms, critical from 1000 ms.',
    );
  });

  it('names where to begin when two things burn alike', () => {
    const score = explained(well({ lock_waiters: 9, connection_utilization: 99 }));
    expect(score.raise).toMatchObject({ to: 30 });
    expect(['locks_and_waits', 'connections']).toContain(score.raise?.component);
  });

  it('has nothing to raise where all is well', () => {
    expect(explained(well())).toMatchObject({ value: 100, grade: 'good', cap: null, raise: null });
  });

  it('says why a component has no points', () => {
    const none = { missing: 'not-applicable', why: 'no pool that is watched leads here' } as const;
    expect(componentOf(explained(well({ pool_saturation: none, pool_wait: none })), 'pool')).toMatchObject({
      ...{ points: null, signal: null, scoreIfWell: null },
      sentence: 'Not judged: no pool that is watched leads here.',
    });
  });

  it('is valid JSON of the published form, whatever was read', () => {
    fc.assert(
      fc.property(anySignals, (signals) => {
        const answer = JSON.parse(JSON.stringify(explained(signals))) as unknown;
        expect(databaseScore.safeParse(answer).error).toBeUndefined();
      }),
    );
  });
});
