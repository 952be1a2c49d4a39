import { recommendationsAnswer } from '../api/recommendations';
import type { CollectorStatus, TargetStatus } from '../api/status';
import { blindSpots } from './blind-spots';

const collector = (overrides: Partial<CollectorStatus>): CollectorStatus => ({
  ...{ name: 'activity', kind: 'collector', source: 'pg_stat_activity', everySeconds: 0, state: 'ok' },
  ...{ lastSuccess: null, ageSeconds: null, durationSeconds: null, reason: null, detail: null, remedy: null },
  ...overrides,
});

const target = (...collectors: CollectorStatus[]): TargetStatus => ({
  ...{ name: 'pg1', address: 'pg1 (127.0.0.1:5432)', up: true, reason: null, remedy: null, facts: null },
  collectors,
});

const skipped = {
  state: 'skipped',
  reason: 'privilege',
  detail: 'no pg_monitor',
  remedy: 'GRANT pg_monitor TO x;',
} as const;

describe('blind spots', () => {
  it('are one recommendation per remedy, with all that it would bring', () => {
    const { answer } = blindSpots([target(collector(skipped), collector({ ...skipped, name: 'size' }))], new Map(), 0);
    expect(recommendationsAnswer.parse(answer).recommendations).toHaveLength(1);
    expect(answer.recommendations[0]?.action).toMatchObject({ kind: 'sql', text: 'GRANT pg_monitor TO x;' });
    expect(answer.recommendations[0]?.evidence[0]?.value).toBe('activity, size');
  });

  it('keep their id and the time they were first seen', () => {
    const first = blindSpots([target(collector(skipped))], new Map(), 1000);
    const second = blindSpots([target(collector(skipped))], first.firstSeen, 9000);
    expect(second.answer.recommendations[0]).toMatchObject({
      id: first.answer.recommendations[0]?.id,
      firstSeen: '1970-01-01T00:00:01.000Z',
      lastSeen: '1970-01-01T00:00:09.000Z',
    });
  });

  it('are not what somebody switched off, nor what no remedy would change', () => {
    const off = collector({ ...skipped, reason: 'disabled', remedy: 'remove it from disabled_collectors' });
    const role = collector({ ...skipped, reason: 'role', remedy: null });
    expect(blindSpots([target(off, role)], new Map(), 0).answer.recommendations).toEqual([]);
  });

  it('are not evaluated on a target that is down, and it says why', () => {
    const down = { ...target(), up: false, reason: 'refused' };
    expect(blindSpots([down], new Map(), 0).answer).toEqual({
      recommendations: [],
      evaluated: [],
      notEvaluated: [{ rule: 'blind-spot', target: 'pg1', reason: 'refused' }],
    });
  });
});
