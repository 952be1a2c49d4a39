import { type Prometheus, QuestionRefused, type Span } from '../prometheus/client';
import { beginsLater } from './begins';
import { periodOf } from './period';

const HOUR_END = Date.parse('2026-11-28T18:00:00Z') / 1000;

/** Knows of an exporter from a moment on. */
const knowing = (from: number | undefined, seen: Span[] = []): Prometheus => ({
  url: 'http://prometheus',
  at: () => Promise.resolve([]),
  over: (_, span) => {
    seen.push(span);
    const ends = Array.from({ length: Math.floor((span.to - span.from) / span.step) + 1 }, (_one, i) => i);
    const points = ends
      .map((i) => span.from + i * span.step)
      .filter((at) => from !== undefined && at >= from)
      .map((at) => [at, 1] as const);
    return Promise.resolve(points.length === 0 ? [] : [{ labels: {}, points }]);
  },
  warnings: () => [],
  asked: () => 0,
});
const asking = (prometheus: Prometheus, now: number) => ({
  ...{ prometheus, cluster: undefined },
  period: periodOf('weekly', now),
});

describe('a report of a time before there was anything', () => {
  it('says since when something is known, and when there will be something to tell', async () => {
    const now = HOUR_END + 50 * 60;
    const text = await beginsLater(asking(knowing(HOUR_END + 21 * 60), now), now);
    expect(text).toBe(
      'Nothing before 28 Nov 18:21 is known, and this report ends at 28 Nov 18:00 (UTC), with a full hour: the first that has something to tell is from 28 Nov 19:00 on.',
    );
  });

  it('asks a bounded question, however long ago that was', async () => {
    const spans: Span[] = [];
    const now = HOUR_END + 900 * 86_400;
    const period = periodOf('weekly', HOUR_END);
    const text = await beginsLater({ ...asking(knowing(HOUR_END + 86_400, spans), now), period }, now);
    expect(text).toContain('ask for a later --end');
    const [{ from, to, step } = { from: 0, to: 0, step: 1 }] = spans;
    expect((to - from) / step).toBeLessThanOrEqual(401);
    expect(to).toBeLessThan(HOUR_END + 31 * 86_400);
  });

  it('says nothing where nothing is known afterwards, or Prometheus would not tell', async () => {
    const now = HOUR_END + 60;
    expect(await beginsLater(asking(knowing(undefined), now), now)).toBeUndefined();
    const refusing: Prometheus = {
      ...knowing(undefined),
      over: () => Promise.reject(new QuestionRefused({ what: 'too much' })),
    };
    expect(await beginsLater(asking(refusing, now), now)).toBeUndefined();
  });
});
