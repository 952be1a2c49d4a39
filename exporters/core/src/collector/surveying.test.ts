import { systemClock } from '../clock';
import { configSchema } from '../config/schema';
import { silentLogger } from '../log';
import { gauge } from '../metrics/declare';
import { Problem } from '../problem';
import { defineSurvey } from './define';
import type { Opened } from './link';
import type { Source } from './source';
import { noKeeper } from '../store/keeper';
import { startSurveying, type Surveying } from './surveying';

/** A server of databases that each hold a number, or refuse. */
type World = { readonly values: Map<string, number | 'refuses'>; open: number; most: number; listed: number };
type Session = { readonly world: World; readonly database: string };

const HOME = 'home';

const sourceOf = (world: World): Source<Session, object> => {
  const open = (database: string): Promise<Opened<Session>> => {
    if (world.values.get(database) === 'refuses') {
      return Promise.reject(new Problem('permission', { what: `no way into ${database}` }));
    }
    world.open += 1;
    world.most = Math.max(world.most, world.open);
    return Promise.resolve({
      session: { world, database },
      isClosed: () => false,
      close: () => Promise.resolve(void (world.open -= 1)),
    });
  };
  return {
    where: 'world',
    open: () => open(HOME),
    facts: () => Promise.resolve({}),
    plan: () => undefined,
    databases: {
      list: () => {
        world.listed += 1;
        return Promise.resolve({ home: HOME, names: [...world.values.keys()] });
      },
      open,
    },
  };
};

const numbers = defineSurvey({
  name: 'numbers',
  source: 'world.values',
  metrics: { number: gauge('db_number', 'The number.', ['database']) },
  interval: ({ survey_interval_seconds }) => survey_interval_seconds,
  start: () => new Map<string, number>(),
  read: ({ world, database }: Session) => Promise.resolve(Number(world.values.get(database))),
  fold: (_, readings) => new Map(readings),
  publish: (all, m) => [...all].map(([database, number]) => m.number({ database }, number)),
});

describe('a survey', () => {
  let world: World;
  let surveying: Surveying;
  const begin = (): void => {
    const source = sourceOf(world);
    if (source.databases === undefined) throw new Error('unreachable');
    surveying = startSurveying({
      ...{ target: 'world', surveys: [numbers], source, databases: source.databases, keeper: noKeeper },
      snapshots: () => ({ of: () => undefined }),
      siblings: () => [],
      ...{ config: configSchema.parse({ survey_interval_seconds: 0.1 }), clock: systemClock, log: silentLogger },
      onRun: () => undefined,
    });
  };
  const shown = (): string[] => {
    const { run } = surveying.of('numbers');
    return run.state === 'ok' ? run.samples.map(({ labels, value }) => `${labels.join()}=${value as number}`) : [];
  };
  const rounds = async (count: number): Promise<void> => {
    const enough = world.listed + count;
    while (world.listed < enough) await new Promise((resolve) => setTimeout(resolve, 5));
  };

  beforeEach(() => {
    world = { values: new Map([[HOME, 1]]), open: 0, most: 0, listed: 0 };
  });
  afterEach(async () => {
    await surveying.stop();
    expect(world.open).toBe(0);
  });

  it('visits every database over one connection at a time, and sees new and dropped ones', async () => {
    world.values.set('a', 2).set('b', 3);
    begin();
    await rounds(2);
    expect(shown().sort()).toEqual(['a=2', 'b=3', 'home=1']);
    expect(world.most).toBe(1);
    world.values.delete('a');
    world.values.set('c', 4);
    await rounds(2);
    expect(shown().sort()).toEqual(['b=3', 'c=4', 'home=1']);
  });

  it('says which database it could not read, shows its last reading for a while, then no longer', async () => {
    world.values.set('a', 2);
    begin();
    await rounds(2);
    world.values.set('a', 'refuses');
    await rounds(2);
    expect(shown()).toContain('a=2');
    expect(surveying.of('numbers').databases.get('a')).toMatchObject({
      state: 'failed',
      problem: { what: 'no way into a' },
    });
    await rounds(4);
    expect(shown()).toEqual(['home=1']);
  });

  it('fails as a whole when the server can’t be reached, with nothing shown', async () => {
    world.values.set(HOME, 'refuses');
    begin();
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(surveying.of('numbers').run).toMatchObject({ state: 'failed', problem: { what: 'no way into home' } });
    expect(shown()).toEqual([]);
  });
});
