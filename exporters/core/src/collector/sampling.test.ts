import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Clock, systemClock } from '../clock';
import { configSchema } from '../config/schema';
import { silentLogger } from '../log';
import { counter } from '../metrics/declare';
import { defineSampler } from './define';
import { createKeeper, type Keeper, noKeeper } from '../store/keeper';
import { createLink, type Opened } from './link';
import type { Run } from './run';
import { recentFacts } from './recent-facts';
import { startSampling } from './sampling';
import type { Source } from './source';

/** A server that counts what it is asked. */
type Server = { facts: number; reads: number; open: boolean };

const counting = defineSampler({
  name: 'counting',
  source: 'reads',
  metrics: { reads: counter('db_reads_total', 'Reads.') },
  interval: () => 0.002,
  start: () => 0,
  read: (server: Server) => Promise.resolve((server.reads += 1)),
  fold: (_: number, reads: number) => reads,
  publish: (reads: number, m) => [m.reads({}, reads)],
});

describe('a sampler that beats fast', () => {
  const server: Server = { facts: 0, reads: 0, open: false };
  let now = 0;
  const clock: Clock = { monotonic: () => now, wall: () => now };
  const opened = (): Opened<Server> => {
    server.open = true;
    return { session: server, isClosed: () => !server.open, close: () => Promise.resolve() };
  };
  const source: Source<Server, number> = {
    where: 'here',
    open: () => Promise.resolve(opened()),
    facts: () => Promise.resolve((server.facts += 1)),
    plan: () => undefined,
  };
  let ran: (run: Run) => void = () => undefined;
  const beats = async (count: number): Promise<void> => {
    for (let i = 0; i < count; i += 1) await new Promise<Run>((resolve) => (ran = resolve));
  };
  const link = createLink({ where: 'here', open: source.open.bind(undefined, 'sample'), clock, random: () => 0 });
  const facts = recentFacts({ source, link, maxAgeMs: 5000, clock });
  const start = (onRun: (run: Run) => void) =>
    startSampling<Server, number>({
      ...{ target: 'server', sampler: counting, source, link, facts, keeper: noKeeper, clock, log: silentLogger },
      ...{ config: configSchema.parse({}), onRun },
    });
  const sampling = start((run) => ran(run));
  afterAll(sampling.stop);

  it('asks for the facts once in a while, not at each beat', async () => {
    await beats(10);
    expect(server.reads).toBeGreaterThanOrEqual(10);
    expect(server.facts).toBe(1);
    now += 4999;
    await beats(3);
    expect(server.facts).toBe(1);
    now += 1;
    await beats(3);
    expect(server.facts).toBe(2);
  });

  it('asks for them anew on a new connection: the server may be another one', async () => {
    const before = server.facts;
    server.open = false;
    await beats(3);
    expect(server.facts).toBe(before + 1);
  });

  it('has them in common with the other samplers of its connection', async () => {
    const before = server.facts;
    let others = 0;
    const other = start(() => (others += 1));
    while (others < 3) await beats(1);
    other.stop();
    expect(server.facts).toBe(before);
  });
});

describe('a sampler of one of many targets', () => {
  it('begins after those before it, then beats as it would alone', async () => {
    const server: Server = { facts: 0, reads: 0, open: true };
    const source: Source<Server, number> = {
      where: 'here',
      open: () => Promise.resolve({ session: server, isClosed: () => false, close: () => Promise.resolve() }),
      facts: () => Promise.resolve(0),
      plan: () => undefined,
    };
    let beats = 0;
    const link = createLink({
      ...{ where: 'here', open: source.open.bind(undefined, 'sample'), clock: systemClock, random: () => 0 },
    });
    const facts = recentFacts({ source, link, maxAgeMs: 5000, clock: systemClock });
    const sampling = startSampling<Server, number>({
      ...{ target: 'server', sampler: counting, source, keeper: noKeeper, clock: systemClock, log: silentLogger },
      ...{ link, facts },
      config: configSchema.parse({}),
      onRun: () => (beats += 1),
      place: { index: 2, of: 3 },
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(beats).toBe(0);
    while (beats < 5) await new Promise((resolve) => setTimeout(resolve, 1));
    sampling.stop();
    expect(sampling.last().state).toBe('ok');
  });
});

describe('a sampler whose state gets through a restart', () => {
  type Position = { readonly at: number; readonly since: number };
  const reading = defineSampler({
    name: 'reading',
    source: 'a log',
    metrics: {},
    interval: () => 0.002,
    start: (): Position => ({ at: 0, since: 1 }),
    read: (step: number) => Promise.resolve(step),
    fold: ({ at, since }: Position, step: number) => ({ at: at + step, since: since + 1 }),
    publish: () => [],
    persist: {
      save: ({ at }: Position) => ({ at }),
      load: (saved, fresh) => {
        const at = (saved as { at?: unknown } | undefined)?.at;
        return typeof at === 'number' ? { ...fresh, at } : undefined;
      },
    },
  });
  const source: Source<number, object> = {
    where: 'here',
    open: () => Promise.resolve({ session: 10, isClosed: () => false, close: () => Promise.resolve() }),
    facts: () => Promise.resolve({}),
    plan: () => undefined,
  };
  const run = async (keeper: Keeper): Promise<Position> => {
    let stop = (): void => undefined;
    const first = await new Promise<Run>((onRun) => {
      const link = createLink({
        where: 'here',
        open: () => source.open('sample', { remainingMs: () => 1e6 }),
        clock: systemClock,
        random: () => 0,
      });
      const config = configSchema.parse({});
      const sampling = startSampling<number, object>({
        ...{
          target: 'server',
          sampler: reading,
          source,
          link,
          facts: recentFacts({ source, link, maxAgeMs: 5000, clock: systemClock }),
          keeper,
          config,
          clock: systemClock,
          log: silentLogger,
          onRun,
        },
      });
      stop = sampling.stop;
    });
    stop();
    return (first as { data?: Position }).data ?? { at: NaN, since: NaN };
  };

  it('goes on where it was, with what it chose to keep', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'keeper-'));
    expect(await run(createKeeper(directory, silentLogger))).toEqual({ at: 10, since: 2 });
    expect(await run(createKeeper(directory, silentLogger))).toEqual({ at: 20, since: 2 });
    expect(readdirSync(directory)).toEqual(['server-reading.json']);
  });

  it('starts anew when what it finds is of no use', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'keeper-'));
    for (const garbage of ['', '{"at":', '[]', 'null', '{"at":"x"}']) {
      writeFileSync(join(directory, 'server-reading.json'), garbage);
      expect(await run(createKeeper(directory, silentLogger))).toEqual({ at: 10, since: 2 });
    }
  });

  it('goes on without a directory to write to', async () => {
    expect(await run(createKeeper(join(__filename, 'nowhere'), silentLogger))).toEqual({ at: 10, since: 2 });
  });
});

describe('a sampler that is switched off', () => {
  it('asks nothing, not even for the facts', async () => {
    let opened = 0;
    const source: Source<number, object> = {
      where: 'here',
      open: () => Promise.reject(new Error(`opened ${(opened += 1)}`)),
      facts: () => Promise.resolve({}),
      plan: () => undefined,
    };
    const clock = systemClock;
    const link = createLink({ where: 'here', open: source.open.bind(undefined, 'sample'), clock, random: () => 0 });
    const runs: Run[] = [];
    const sampling = startSampling<Server, object>({
      ...{ target: 'server', sampler: counting, keeper: noKeeper, clock, log: silentLogger },
      source: source as unknown as Source<Server, object>,
      link: link as unknown as ReturnType<typeof createLink<Server>>,
      facts: () => Promise.reject(new Error(`asked ${(opened += 1)}`)),
      config: configSchema.parse({ disabled_collectors: ['counting'] }),
      onRun: (run) => runs.push(run),
    });
    await new Promise((resolve) => setTimeout(resolve, 50));
    sampling.stop();
    expect(sampling.last()).toMatchObject({ state: 'skipped', skip: { reason: 'disabled' } });
    expect([opened, runs]).toEqual([0, []]);
  });
});

describe('a sampler that beats once a minute', () => {
  beforeAll(() => jest.useFakeTimers());
  afterAll(() => jest.useRealTimers());

  it('looks again soon after it has failed, and then once a minute again', async () => {
    const clock: Clock = { monotonic: () => Date.now(), wall: () => Date.now() };
    const answers = [new Error('the server is starting up'), 1, 2];
    const at: number[] = [];
    const source: Source<number, object> = {
      where: 'here',
      open: () => Promise.resolve({ session: 0, isClosed: () => false, close: () => Promise.resolve() }),
      facts: () => Promise.resolve({}),
      plan: () => undefined,
    };
    const began = Date.now();
    const rare = defineSampler({
      ...{ name: 'rare', source: 'reads', metrics: { reads: counter('db_reads_total', 'Reads.') } },
      ...{ interval: () => 60, start: () => 0, fold: (_: number, reads: number) => reads },
      read: () => {
        at.push(Math.round((Date.now() - began) / 1000));
        const answer = answers[at.length - 1];
        return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer ?? 0);
      },
      publish: (reads: number, m) => [m.reads({}, reads)],
    });
    const link = createLink({ where: 'here', open: source.open.bind(undefined, 'sample'), clock, random: () => 0 });
    const sampling = startSampling<number, object>({
      ...{ target: 'server', sampler: rare, source, link, facts: source.facts, keeper: noKeeper, clock },
      ...{ log: silentLogger, config: configSchema.parse({}), onRun: () => undefined },
    });
    await jest.advanceTimersByTimeAsync(70_000);
    sampling.stop();
    expect(at).toEqual([0, 5, 65]);
  });
});
