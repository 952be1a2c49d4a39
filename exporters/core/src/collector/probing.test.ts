import { deadlineIn, systemClock } from '../clock';
import { configSchema } from '../config/schema';
import { silentLogger } from '../log';
import { gauge, emittersOf } from '../metrics/declare';
import { serialise } from '../metrics/serialise';
import { Problem } from '../problem';
import { defineProbe, type Registry } from './define';
import { createTarget, type Target } from './target';

const metrics = { tried: gauge('db_tried', 'Tried.') };
let stopped = 0;

const probe = defineProbe({
  name: 'canary',
  source: 'a connection',
  metrics,
  start: () => ({
    every: 7,
    last: () => ({
      ...{ state: 'failed', at: 0, durationMs: 0 },
      problem: new Problem('timeout', { what: 'too slow' }),
    }),
    samples: () => [emittersOf(metrics).tried({}, 1)],
    connections: () => ({ open: 1, opened: 3 }),
    stop: () => {
      stopped += 1;
      return Promise.resolve();
    },
  }),
});

/** A target that nobody can reach. */
const targetWith = (probes: Registry<unknown, unknown>['probes'], disabled: readonly string[] = []): Target =>
  createTarget<unknown, unknown>({
    name: 'away',
    source: {
      where: 'away',
      open: () => Promise.reject(new Problem('connection', { what: 'nobody there' })),
      facts: () => Promise.resolve({}),
      plan: () => undefined,
    },
    registry: { collectors: [], samplers: [], surveys: [], derived: [], rules: [], probes: probes ?? [] },
    config: configSchema.parse({ disabled_collectors: disabled }),
    clock: systemClock,
    random: () => 0,
    log: silentLogger,
  });

const scrape = async (target: Target): Promise<string> =>
  serialise((await target.scrape(deadlineIn(2000, systemClock))).families);

describe('a probe', () => {
  it('shows what it measured also while it fails and the target is down, and says why in the status', async () => {
    const target = targetWith([probe]);
    const text = await scrape(target);
    expect(text).toContain('\ndb_tried 1\n');
    expect(text).toContain('\ndb_exporter_up 0\n');
    expect(text).toContain('\ndb_exporter_connections 1\n');
    expect(text).toContain('\ndb_exporter_connects_total 3\n');
    expect(text).toContain('\ndb_exporter_collector_success{collector="canary"} 0\n');
    expect(target.view().runs).toMatchObject([{ name: 'canary', kind: 'probe', every: 7, run: { state: 'failed' } }]);
    await target.close();
    expect(stopped).toBe(1);
  });

  it('is not started where it is switched off', async () => {
    const start = jest.fn(probe.start);
    const target = targetWith([{ ...probe, start }], ['canary']);
    expect(await scrape(target)).toContain('db_exporter_collector_skipped{collector="canary",reason="disabled"} 1');
    expect(start).not.toHaveBeenCalled();
    await target.close();
  });
});
