import { createProcessMetrics } from './process-metrics';

const valueIn = (text: string, name: string): number => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);

const busyFor = (ms: number): void => {
  const end = performance.now() + ms;
  while (performance.now() < end);
};

describe('the figures of the process', () => {
  it('are those that are known of Node.js, without the ones that would wake it all the time', async () => {
    const text = await createProcessMetrics().metrics();
    for (const name of [
      'process_resident_memory_bytes',
      'nodejs_heap_size_used_bytes',
      'nodejs_eventloop_lag_seconds',
    ]) {
      expect(valueIn(text, name)).toBeGreaterThanOrEqual(0);
    }
    expect(text).not.toMatch(/nodejs_eventloop_lag_(p|m|stddev)|_(handles|requests|resources)_total/);
  });

  it('tell how busy the event loop was since they were last asked for', async () => {
    const metrics = createProcessMetrics();
    await metrics.metrics();
    busyFor(200);
    const busy = valueIn(await metrics.metrics(), 'nodejs_eventloop_utilization_ratio');
    await new Promise((resolve) => setTimeout(resolve, 500));
    const idle = valueIn(await metrics.metrics(), 'nodejs_eventloop_utilization_ratio');
    expect([busy, idle].every((ratio) => ratio >= 0 && ratio <= 1)).toBe(true);
    expect(busy).toBeGreaterThan(idle);
  });
});
