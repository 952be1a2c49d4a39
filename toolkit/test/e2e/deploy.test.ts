import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { Client } from 'pg';
import { poolSettings } from '../../src/deploy/console';
import { type Progress, readDeploys } from '../../src/deploy/journal';
import { readScore } from '../../src/deploy/score';
import { stackAccess } from '../../src/deploy/stack';
import { ask, withSession } from '../../src/drill/ask';
import { layoutOf, submilliBin } from '../../src/stack/layout';
import { endsWith, memberBy, type Outcome, stateDirectory, submilli, until, untilWhole } from './stack';

jest.setTimeout(300_000);

const state = stateDirectory();
const layout = layoutOf(state);

const args = (verb: string, ...more: string[]): string[] => ['deploy', verb, ...more, '--state', state];
const deploy = (verb: string, ...more: string[]): Outcome => submilli(...args(verb, ...more));
const apply = (...more: string[]): Outcome => deploy('apply', '--yes', '--soak', '4', ...more);
const setting = (name: string, value: string | number): string[] => ['--set', `${name}=${value}`];

/** What every member shows, with when its server was started. */
const shown = async (name: string): Promise<{ value: string; since: string }[]> => {
  const { members, watcher } = stackAccess(layout);
  const sql = `SELECT pg_catalog.current_setting('${name}') AS value, pg_catalog.pg_postmaster_start_time()::text AS since`;
  return Promise.all(
    members.map((member) =>
      withSession(member, watcher, async (client) => {
        const [row] = await ask<{ value: string; since: string }>(client, sql, 3000);
        if (row === undefined) throw new Error(`${member.name} shows no ${name}`);
        return row;
      }),
    ),
  );
};
const valuesOf = async (name: string): Promise<string[]> => (await shown(name)).map(({ value }) => value);

const poolSize = async (): Promise<string | undefined> => {
  const [pool] = stackAccess(layout).pools;
  return pool && (await poolSettings(pool)).get('default_pool_size')?.value;
};

const deploys = (): Progress[] => readDeploys(layout.dirOf('deploy'));
const last = (): Progress => {
  const found = deploys().at(-1);
  if (found === undefined) throw new Error('nothing was deployed');
  return found;
};
const texts = ({ entries }: Progress): string[] => entries.flatMap((one) => (one.entry === 'note' ? [one.text] : []));

type Running = { readonly child: ChildProcess; readonly end: Promise<Outcome> };
/** A deploy that goes on by itself. */
const start = (...more: string[]): Running => {
  const child = spawn(process.execPath, [submilliBin, ...args('apply', '--yes', ...more)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  }
  return { child, end: new Promise((resolve) => child.on('close', (status) => resolve({ status, output }))) };
};

/** Until the latest deploy, one that was not there before, has got as far as `far` says. */
const reached = async (before: number, far: (progress: Progress) => boolean): Promise<void> => {
  const look = () => Promise.resolve(deploys().length > before && far(last()));
  expect(await until(90, look, Boolean)).toBe(true);
};
const allDone = ({ begin, done }: Progress): boolean => done.size === begin.steps.length;

/** All there is of the cluster's configuration. */
const files = (): Record<string, string> => {
  const [member, pool] = [`${layout.dirOf('patroni')}/pg1.yml`, `${layout.dirOf('pgbouncer')}/pgbouncer.ini`];
  return Object.fromEntries(
    [member, pool].map((path) => {
      const { mode, uid, gid } = statSync(path);
      return [path, [mode, uid, gid, readFileSync(path, 'utf8')].join(' ')];
    }),
  );
};

let fresh: Record<string, string> = {};
beforeAll(async () => {
  const up = submilli('stack', 'up', '--detach', '--yes', '--rate', '20', '--no-preview', '--state', state);
  if (up.status !== 0) throw new Error(`the stack did not start:\n${up.output}`);
  await untilWhole();
  const { name } = await memberBy(true);
  const scored = () => readScore('http://127.0.0.1:9091', name, AbortSignal.timeout(15_000));
  expect(await until(120, scored, (score) => 'scores' in score)).toHaveProperty('scores');
  fresh = files();
}, 500_000);
afterAll(() => {
  submilli('stack', 'down', '--state', state);
}, 120_000);

/** Nothing is left of what a test did. */
const isFresh = async (): Promise<void> => {
  expect(files()).toEqual(fresh);
  expect(await poolSize()).toBe('20');
};

describe('a deploy to a stack', () => {
  it('has nothing to do where it was just put up', async () => {
    const { status, output } = deploy('plan', '--exit-code');
    expect({ status, output }).toEqual({ status: 0, output: 'grandmodel is as it is wanted.\n' });
    expect(apply()).toEqual({ status: 0, output: 'grandmodel is as it is wanted.\n' });
    expect(deploys()).toEqual([]);
    await isFresh();
  });

  it('sets what PostgreSQL takes as it runs, on every member, without a restart', async () => {
    const before = await shown('work_mem');
    expect(deploy('plan', '--exit-code', ...setting('postgresql.work_mem', '9MB'))).toMatchObject({
      status: 1,
      output: expect.stringContaining('+work_mem: 9MB') as string,
    });
    expect(await valuesOf('work_mem')).not.toContain('9MB');
    endsWith(0, apply(...setting('postgresql.work_mem', '9MB')));
    expect(await shown('work_mem')).toEqual(before.map(({ since }) => ({ value: '9MB', since })));
    endsWith(0, deploy('rollback', '--yes', '--soak', '0'));
    expect(await shown('work_mem')).toEqual(before);
    await isFresh();
  });

  it('restarts members only when it may: standbys first, then the old primary after a switchover', async () => {
    const workers = setting('postgresql.max_worker_processes', 12);
    const refused = apply(...workers);
    endsWith(1, refused);
    expect(refused.output).toMatch(/it takes a restart of PostgreSQL on pg1, pg2, for max_worker_processes/);
    expect(await valuesOf('max_worker_processes')).toEqual(['8', '8']);

    const [primary, standby] = [(await memberBy(true)).name, (await memberBy(false)).name];
    // Caches are cold afterwards, and the score is another test's.
    const restarting = ['--allow-restart', '--without-score'];
    endsWith(0, apply(...restarting, ...workers));
    expect(await valuesOf('max_worker_processes')).toEqual(['12', '12']);
    const acts = texts(last()).filter((text) => /^(restarted|switched)/.test(text));
    // Nobody restarts the old primary: to become a standby is a start.
    expect(acts).toEqual([`restarted ${standby}`, `switched over to ${standby}`]);
    expect((await memberBy(true)).name).toBe(standby);

    // The way back is the other way round: a standby can't have less than its primary.
    endsWith(1, deploy('rollback', '--yes', '--soak', '0'));
    endsWith(0, deploy('rollback', '--yes', '--soak', '0', ...restarting));
    expect(await valuesOf('max_worker_processes')).toEqual(['8', '8']);
    expect(texts(last())).toEqual([`restarted ${standby}, the primary`, `restarted ${primary}`]);
    await isFresh();
  });
});

describe('what harms', () => {
  const tooMany = setting('pgbouncer.default_pool_size', 200);

  it('is refused by lint: a work_mem that swaps, a pool that may open more than the server has', async () => {
    const memory = apply(...setting('postgresql.work_mem', '1GB'));
    endsWith(1, memory);
    expect(memory.output).toMatch(/lint refuses it:\n.*\[postgresql-memory\]/);
    const pool = apply(...tooMany);
    endsWith(1, pool);
    expect(pool.output).toMatch(
      /lint refuses it:\n.*the pools may open .* the server has room for 97 \[across-pools-exceed-server\]/,
    );
    await isFresh();
  });

  it('is taken back by the score when it was forced, and clients come', async () => {
    const before = deploys().length;
    const running = start('--force', '--soak', '120', ...tooMany);
    await reached(before, allDone);
    expect(await poolSize()).toBe('200');
    const clients = await busyClients(110);
    const { status, output } = await running.end.finally(clients.end);
    const forced = /FORCED, in spite of what lint calls an error/;
    expect({ status, output }).toMatchObject({ status: 3, output: expect.stringMatching(forced) as string });
    expect(last()).toMatchObject({ end: { outcome: 'rolled back' }, begin: { forced: [expect.any(String)] } });
    expect(last().end?.why).toMatch(/score/);
    await isFresh();
  });
});

/**
 * Clients of the pool that are at it all the time, each for itself: what any of them is told is theirs to bear. So short
 * that the pool as it was has a turn for everybody within a second or two: a deploy asks as a client, too, and waits 3 s.
 */
const busyClients = async (count: number): Promise<{ readonly end: () => Promise<void> }> => {
  const { pools, application } = stackAccess(layout);
  const [pool] = pools;
  let over = false;
  const one = async (): Promise<void> => {
    while (!over) {
      const client = new Client({ ...pool, ...application, connectionTimeoutMillis: 10_000 });
      client.on('error', () => undefined);
      try {
        await client.connect();
        while (!over) await client.query('SELECT pg_catalog.pg_sleep(0.3)');
      } catch {
        await new Promise((resolve) => setTimeout(resolve, 500));
      } finally {
        await client.end().catch(() => undefined);
      }
    }
  };
  const all = Array.from({ length: count }, one);
  return Promise.resolve({
    end: async () => {
      over = true;
      await Promise.all(all);
    },
  });
};

describe('a deploy that is at work', () => {
  it('keeps another from beginning, which says whose it is; Ctrl-C takes back what it did', async () => {
    const before = await valuesOf('work_mem');
    const count = deploys().length;
    const running = start('--soak', '600', ...setting('postgresql.work_mem', '10MB'));
    await reached(count, allDone);
    expect(await valuesOf('work_mem')).toEqual(['10MB', '10MB']);
    const other = apply(...setting('postgresql.work_mem', '11MB'));
    endsWith(1, other);
    expect(other.output).toContain('another deploy is at work: deploy apply of ');
    expect(other.output).toContain(`(process ${running.child.pid ?? ''}, since `);
    expect(deploy('history').output).toMatch(/ at work$/m);
    running.child.kill('SIGINT');
    const { status, output } = await running.end;
    endsWith(130, { status, output });
    expect(await valuesOf('work_mem')).toEqual(before);
    expect(last()).toMatchObject({ end: { outcome: 'rolled back', why: 'interrupted' } });
    await isFresh();
  });

  const both = [...setting('postgresql.work_mem', '12MB'), ...setting('pgbouncer.default_pool_size', 22)];
  const isKilled = async (): Promise<void> => {
    const count = deploys().length;
    const running = start('--soak', '4', ...both);
    // Patroni has been told, and the pool has not.
    await reached(count, ({ begin, touched }) =>
      begin.steps.some(({ kind }, i) => kind === 'settings' && touched.has(i)),
    );
    running.child.kill('SIGKILL');
    expect((await running.end).status).toBeNull();
    expect(last().end).toBeUndefined();
  };

  it('and is killed at it is told of, and gone on with', async () => {
    await isKilled();
    const plan = deploy('plan', ...both);
    expect(plan.output).toMatch(/was cut off and has not come to its end/);
    const again = apply(...both);
    endsWith(1, again);
    expect(again.output).toMatch(/was cut off.*deploy rollback.*--resume/s);
    endsWith(0, apply('--resume'));
    expect({ memory: await valuesOf('work_mem'), pool: await poolSize() }).toEqual({
      ...{ memory: ['12MB', '12MB'], pool: '22' },
    });
    endsWith(0, deploy('plan', '--exit-code', ...both));
    endsWith(0, deploy('rollback', '--yes', '--soak', '0'));
    await isFresh();
  });

  it('and is killed at it can be taken back', async () => {
    await isKilled();
    endsWith(0, deploy('rollback', '--yes'));
    expect(last()).toMatchObject({ end: { outcome: 'rolled back' } });
    expect(await valuesOf('work_mem')).not.toContain('12MB');
    await isFresh();
  });

  it('is in the history, with what became of it', () => {
    const { output } = deploy('history');
    for (const what of ['applied, taken back later', 'rolled back', 'in spite of lint', 'takes back']) {
      expect(output).toContain(what);
    }
    expect(deploy('history', last().begin.id).output).toMatch(/turned back:.*\n.*undo/);
    endsWith(1, deploy('history', '20000101T000000Z'));
  });
});
