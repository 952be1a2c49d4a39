import type { Clock } from '../clock';
import { configSchema } from '../config/schema';
import { silentLogger } from '../log';
import { counter } from '../metrics/declare';
import { defineSampler } from './define';
import { createLink, type Opened } from './link';
import type { Run } from './run';
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
  const sampling = startSampling<Server, number>({
    ...{ target: 'server', sampler: counting, source, clock, log: silentLogger },
    link: createLink({ where: 'here', open: source.open.bind(undefined, 'sample'), clock, random: () => 0 }),
    config: configSchema.parse({ sample_interval_seconds: 5 }),
    onRun: (run) => ran(run),
  });
  afterAll(sampling.stop);

  it('asks for the facts once in sample_interval_seconds, not at each beat', async () => {
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
});
