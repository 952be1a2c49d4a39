import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { configSchema } from '@submilli/core';
import { captureSchema, type GoldenMoment, goldenOf, replay } from './replay';
import type { ComponentName } from './signals';

const folder = join(__dirname, '..', '..', 'test', 'incidents');
const { thresholds } = configSchema.parse({});
const read = (name: string): unknown => JSON.parse(readFileSync(join(folder, name), 'utf8'));

/** What must be seen of each incident, however it is recorded. */
const stories: Readonly<Record<string, { readonly below: number; readonly worst: ComponentName }>> = {
  'lock-storm': { below: 35, worst: 'locks_and_waits' },
  'cold-cache': { below: 70, worst: 'cache' },
  'replication-lag': { below: 50, worst: 'replication' },
  'pool-exhaustion': { below: 40, worst: 'pool' },
};

const recordings = readdirSync(folder).filter((name) => /-pg\d+\.json$/.test(name));

it('every incident was recorded', () => {
  const incidents = recordings.map((name) => name.replace(/-pg\d+\.json$/, ''));
  expect([...new Set(incidents)].sort()).toEqual(Object.keys(stories).sort());
});

describe.each(recordings)('the incident %s, replayed', (name) => {
  const capture = captureSchema.parse(read(name));
  const curve = goldenOf(replay(capture, thresholds));
  const begins = capture.events[0]?.at ?? NaN;
  const story = stories[capture.incident];

  it('gives the committed score curve (else, if that is meant: npm run incidents -- --replay)', () => {
    expect(curve).toEqual(read(name.replace('.json', '.golden.json')) as GoldenMoment[]);
  });

  it('begins well', () => {
    const before = curve.filter(({ at }) => at < begins).map(({ value }) => value ?? NaN);
    expect(Math.min(...before)).toBeGreaterThanOrEqual(90);
  });

  it('falls, and names what is wrong', () => {
    const lowest = curve.reduce((low, moment) => ((moment.value ?? 101) < (low.value ?? 101) ? moment : low));
    expect(lowest).toMatchObject({ worst: story?.worst });
    expect(lowest.value).toBeLessThanOrEqual(story?.below ?? NaN);
    expect(lowest.at).toBeGreaterThanOrEqual(begins);
  });

  it('recovers: all is well at the end, and the published score is on its way', () => {
    const values = curve.flatMap(({ value }) => value ?? []);
    const last = curve.at(-1);
    expect(last?.now).toBeGreaterThanOrEqual(90);
    expect(last?.value).toBeGreaterThanOrEqual(Math.min(...values) + 20);
  });

  it('never publishes more than what is so now', () => {
    for (const { value, now } of curve) expect(value ?? 0).toBeLessThanOrEqual(now ?? 0);
  });
});
