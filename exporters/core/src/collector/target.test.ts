import { deadlineIn, systemClock } from '../clock';
import { type Config, configSchema } from '../config/schema';
import { silentLogger } from '../log';
import { compat, counter, gauge } from '../metrics/declare';
import { serialise } from '../metrics/serialise';
import { Problem } from '../problem';
import type { PoolSaturation } from './board';
import { defineCollector, defineDerived, defineReport, defineSampler, type Registry } from './define';
import type { Source } from './source';
import { createTarget, type Target, type TargetOptions } from './target';

/** The smallest possible thing to watch: a number behind a switch. */
type World = { reachable: boolean; value: number; reads: number; monitor: boolean };
type Facts = { readonly monitor: boolean };

const sourceOf = (world: World): Source<World, Facts> => ({
  where: 'world (here)',
  open: () =>
    world.reachable
      ? Promise.resolve({ session: world, isClosed: () => !world.reachable, close: () => Promise.resolve() })
      : Promise.reject(new Problem('connection', { what: 'refused', where: 'world (here)', hint: 'start it' })),
  facts: (session) => Promise.resolve({ monitor: session.monitor }),
  plan: (needs, facts) =>
    needs.privilege !== undefined && !facts.monitor
      ? { reason: 'privilege', detail: 'no privilege', remedy: 'GRANT it' }
      : undefined,
});

const value = defineCollector({
  name: 'value',
  source: 'world.value',
  metrics: { value: gauge('db_value', 'The value.') },
  read: (world: World) => {
    world.reads += 1;
    return Promise.resolve(world.value);
  },
  publish: (data: number, m) => [m.value({}, data)],
});

const slow = defineCollector({
  name: 'slow',
  source: 'world.value',
  every: 3600,
  metrics: { slow: counter('db_slow_total', 'Read rarely.') },
  read: (world: World) => Promise.resolve(world.value),
  publish: (data: number, m) => [m.slow({}, data)],
});

const guarded = defineCollector({
  name: 'guarded',
  source: 'world.value',
  needs: { privilege: 'pg_monitor' },
  metrics: { guarded: gauge('db_guarded', 'Needs a privilege.') },
  read: (world: World) => Promise.resolve(world.value),
  publish: (data: number, m) => [m.guarded({}, data)],
});

const broken = defineCollector({
  name: 'broken',
  source: 'nothing',
  metrics: { broken: gauge('db_broken', 'Never there.') },
  read: (): Promise<number> => Promise.reject(new Problem('lock', { what: 'locked', where: 'world' })),
  publish: (data: number, m) => [m.broken({}, data)],
});

const doubledMetrics = { doubled: gauge('db_doubled', 'Twice the value.') } as const;

const doubled = defineDerived<Facts, number | undefined, typeof doubledMetrics>({
  name: 'doubled',
  source: 'value',
  metrics: doubledMetrics,
  derive: (snapshots) => snapshots.of(value),
  publish: (data, m) => (data === undefined ? [] : [m.doubled({}, data * 2)]),
});

const beats = defineSampler({
  name: 'beats',
  source: 'world.value',
  metrics: { beats: gauge('db_beats', 'Beats of this session.') },
  interval: () => 0.02,
  start: () => 0,
  read: (world: World) => Promise.resolve(world.value),
  fold: (count: number) => count + 1,
  publish: (count: number, m) => [m.beats({}, count)],
});

const config: Config = configSchema.parse({});

describe('a target', () => {
  let world: World;
  let target: Target<Facts>;
  const start = (
    registry: Partial<Registry<World, Facts>>,
    overrides: Partial<Config> = {},
    more: Partial<TargetOptions<World, Facts>> = {},
  ): void => {
    target = createTarget<World, Facts>({
      name: 'world',
      source: sourceOf(world),
      registry: { collectors: [], samplers: [], surveys: [], derived: [], rules: [], ...registry },
      config: { ...config, ...overrides },
      clock: systemClock,
      random: () => 0,
      log: silentLogger,
      ...more,
    });
  };
  const scrape = async (): Promise<string> => serialise((await target.scrape(deadlineIn(2000, systemClock))).families);

  beforeEach(() => {
    world = { reachable: true, value: 1, reads: 0, monitor: true };
  });
  afterEach(() => target.close());

  it('publishes what its collectors read, and what is derived from it', async () => {
    start({ collectors: [value], derived: [doubled] });
    const text = await scrape();
    expect(text).toContain('\ndb_value 1\n');
    expect(text).toContain('\ndb_doubled 2\n');
    expect(text).toContain('\ndb_exporter_up 1\n');
  });

  it('gives a derived part its own last result, until the target was away', async () => {
    const counted = defineDerived<Facts, number, Record<string, never>>({
      name: 'counted',
      source: 'itself',
      metrics: {},
      derive: (_snapshots, _env, before) => (before ?? 0) + 1,
      publish: () => [],
    });
    start({ derived: [counted] });
    await scrape();
    await scrape();
    expect(target.view().snapshots.of(counted)).toBe(2);
    world.reachable = false;
    await scrape();
    expect(target.view().snapshots.of(counted)).toBeUndefined();
    world.reachable = true;
    await new Promise((resolve) => setTimeout(resolve, 300));
    await scrape();
    expect(target.view().snapshots.of(counted)).toBe(1);
  });

  it('tells a derived part which target it is and what others share, and tells of itself after each scrape', async () => {
    const item: PoolSaturation = {
      kind: 'pool-saturation',
      ...{ host: 'here', port: 5432, database: 'app', ratio: 1, waitSeconds: 0 },
    };
    const told = defineDerived<Facts, unknown, Record<string, never>>({
      name: 'told',
      source: 'others',
      metrics: {},
      derive: (_snapshots, env) => [env.target, env.shared],
      publish: () => [],
    });
    const seen: boolean[] = [];
    start({ derived: [told] }, {}, { shared: () => [item], onScrape: ({ up }) => void seen.push(up) });
    await scrape();
    expect(target.view().snapshots.of(told)).toEqual(['world', [item]]);
    world.reachable = false;
    await scrape();
    expect(seen).toEqual([true, false]);
  });

  it('counts what its rules say, and says nothing while it is down', async () => {
    start({ collectors: [guarded] });
    world.monitor = false;
    const text = await scrape();
    expect(text).toContain('db_advice_recommendations{rule="blind-spot",severity="warning"} 1');
    expect(text).toContain('\ndb_advice_rules_evaluated 1\n');
    world.reachable = false;
    expect(await scrape()).not.toContain('db_advice');
  });

  it('has the parts of a compatibility view only while it is on, and is silent about them while it is off', async () => {
    const viewed = defineCollector({
      name: 'viewed',
      source: 'world.value',
      needs: { view: 'patroni' },
      metrics: { viewed: compat('patroni', gauge('patroni_viewed', 'In the view.')) },
      read: (world: World) => {
        world.reads += 1;
        return Promise.resolve(world.value);
      },
      publish: (data: number, m) => [m.viewed({}, data)],
    });
    start({ collectors: [viewed] }, { compatibility: ['postgres_exporter'] });
    expect(await scrape()).not.toContain('viewed');
    expect([world.reads, target.view().runs]).toEqual([0, []]);
    await target.close();
    start({ collectors: [viewed] }, { compatibility: ['patroni'] });
    expect(await scrape()).toContain('\npatroni_viewed 1\n');
  });

  it('reports how the collection went, also when there was nobody to collect from', async () => {
    const report = defineReport({
      name: 'report',
      source: 'itself',
      metrics: { up: gauge('db_seen', 'Up.'), runs: gauge('db_runs', 'Runs that worked.') },
      publish: ({ up, runs }, m) => [
        m.up({}, Number(up)),
        m.runs({}, runs.filter(({ run }) => run.state === 'ok').length),
      ],
    });
    start({ collectors: [value, broken], reports: [report] });
    expect(await scrape()).toMatch(/^db_runs 1$[^]*^db_seen 1$/m);
    world.reachable = false;
    expect(await scrape()).toMatch(/^db_runs 0$[^]*^db_seen 0$/m);
  });

  it('keeps the others going when one collector fails, and says which and why', async () => {
    start({ collectors: [broken, value] });
    const text = await scrape();
    expect(text).toContain('\ndb_value 1\n');
    expect(text).toContain('db_exporter_collector_success{collector="broken"} 0');
    expect(text).toContain('db_exporter_collector_errors_total{collector="broken",kind="lock"} 1');
    expect(text).not.toContain('db_broken');
  });

  it('says up 0 and shows no value while it cannot be reached, then recovers by itself', async () => {
    start({ collectors: [value, slow] });
    expect(await scrape()).toContain('db_slow_total 1');
    world.reachable = false;
    const down = await scrape();
    expect(down).toContain('\ndb_exporter_up 0\n');
    expect(down).not.toMatch(/\ndb_(value|slow_total) /);
    expect(down).toContain('db_exporter_collector_success{collector="value"} 0');
    world.reachable = true;
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(await scrape()).toContain('\ndb_value 1\n');
  });

  it('shares one collection among callers at the same time', async () => {
    start({ collectors: [value] });
    await Promise.all([scrape(), scrape(), scrape()]);
    expect(world.reads).toBe(1);
  });

  it('does not read a collector again within its minimum interval', async () => {
    start({ collectors: [slow] });
    await scrape();
    world.value = 2;
    expect(await scrape()).toContain('\ndb_slow_total 1\n');
  });

  it('notices a privilege that was taken away and given back', async () => {
    start({ collectors: [guarded] });
    expect(await scrape()).toContain('\ndb_guarded 1\n');
    world.monitor = false;
    const without = await scrape();
    expect(without).not.toContain('\ndb_guarded ');
    expect(without).toContain('db_exporter_collector_skipped{collector="guarded",reason="privilege"} 1');
    expect(without).toContain('db_exporter_collector_success{collector="guarded"} 0');
    world.monitor = true;
    expect(await scrape()).toContain('\ndb_guarded 1\n');
  });

  it('leaves a collector out that the configuration switches off', async () => {
    start({ collectors: [value] }, { disabled_collectors: ['value'] });
    expect(await scrape()).toContain('db_exporter_collector_skipped{collector="value",reason="disabled"} 1');
    expect(world.reads).toBe(0);
  });

  it('starts a sampler’s state anew with each new session', async () => {
    start({ samplers: [beats] });
    const beatsNow = async (): Promise<number> => Number(/\ndb_beats (\d+)/.exec(await scrape())?.[1] ?? 0);
    while ((await beatsNow()) < 5) await new Promise((resolve) => setTimeout(resolve, 20));
    world.reachable = false;
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(await scrape()).not.toContain('db_beats');
    world.reachable = true;
    let first = 0;
    while (first === 0) {
      await new Promise((resolve) => setTimeout(resolve, 10));
      first = await beatsNow();
    }
    expect(first).toBeLessThan(5);
  });

  it('opens no connection for a sampler whose interval is 0, and says that it is switched off', async () => {
    start({ samplers: [{ ...beats, interval: () => 0 }] });
    const text = await scrape();
    expect(text).toContain('db_exporter_collector_skipped{collector="beats",reason="disabled"} 1');
    expect(text).toContain('\ndb_exporter_connects_total 1\n');
  });
});
