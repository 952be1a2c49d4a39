import { changesIn } from './changes';

const score = (database: string, ...values: readonly number[]) => ({
  labels: { database },
  times: values.map((_, i) => i),
  values,
});
const nothing = { scores: [], advice: [], failovers: 0, alerts: 0, from: 1000 };

describe('what changed in a span of time', () => {
  it('is nothing when nothing of note did', () => {
    expect(changesIn(nothing)).toEqual([]);
    expect(changesIn({ ...nothing, scores: [score('a', 90, 20, 91), score('b'), score('c', 50)] })).toEqual([]);
  });

  it('tells what happened before what is said about it, and the deepest fall first', () => {
    const changes = changesIn({
      ...{ failovers: 1, alerts: 2, from: Date.parse('2026-01-01T00:00:00Z') },
      scores: [score('rose', 50, 80), score('fell', 100, 40.4)],
      advice: [
        { firstSeen: '2026-01-01T00:00:01.000Z', severity: 'critical' },
        { firstSeen: '2025-12-31T23:59:59.000Z', severity: 'critical' },
      ],
    });
    expect(changes).toEqual([
      { kind: 'failover', count: 1 },
      { kind: 'alerts', count: 2 },
      { kind: 'score', database: 'fell', from: 100, to: 40 },
      { kind: 'score', database: 'rose', from: 50, to: 80 },
      { kind: 'advice', count: 1, critical: 1 },
    ]);
  });
});
