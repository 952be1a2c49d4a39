import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadConfig } from '@submilli/core';
import { Client } from 'pg';
import type { Finding } from '../../../src/doctor/finding';
import { perform } from '../../../src/doctor/heal/act';
import { layoutOf } from '../../../src/stack/layout';
import { jsonIn, running } from '../running';
import { endsWith, memberBy, submilli, until } from '../stack';

type Answer = {
  readonly findings: readonly Finding[];
  readonly blind: readonly { readonly where: string; readonly why: string }[];
  readonly done: readonly { readonly act: { readonly kind: string }; readonly outcome: { readonly result: string } }[];
  readonly heldBack: readonly { readonly finding: Finding; readonly why: string }[];
};

/** The stack's configuration, with less patience. */
const impatientConfig = (state: string): string => {
  const file = join(state, '..', 'doctor.yml');
  const patience = { blocked_critical_seconds: 3, idle_in_transaction_warning_seconds: 2 };
  const lines = Object.entries(patience).map(([name, value]) => `  ${name}: ${value}\n`);
  writeFileSync(file, `${readFileSync(layoutOf(state).exporterConfig, 'utf8')}thresholds:\n${lines.join('')}`);
  return file;
};

export const describeDoctor = (state: string): void => {
  const layout = layoutOf(state);
  const secret = (name: string): string => readFileSync(layout.secretOf(name), 'utf8').trim();
  const config = join(state, '..', 'doctor.yml');
  const audit = join(state, '..', 'audit.jsonl');
  beforeAll(() => impatientConfig(state));

  const healers = [
    ...['--as', 'postgres', '--as-password-file', layout.secretOf('superuser')],
    ...['--pool-admin', 'pgbouncer', '--pool-admin-password-file', layout.secretOf('pgbouncer')],
  ];

  const doctor = (...args: string[]): Answer & { readonly status: number | null } => {
    const outcome = submilli('pool', 'doctor', '-c', config, '--look', '4', '--json', ...args);
    return { ...(jsonIn(outcome) as Answer), status: outcome.status };
  };
  const heal = (...args: string[]) => doctor('--heal', '--audit', audit, '--min-age', '2', ...healers, ...args);

  const connected = async (port: number, user: string, password: string, database = 'grandmodel'): Promise<Client> => {
    const ssl = { ca: readFileSync(layout.certOf('ca')) };
    const client = new Client({ host: '127.0.0.1', port, user, password, database, application_name: 'shop', ssl });
    client.on('error', () => undefined);
    await client.connect();
    return client;
  };
  const onPrimary = async (user: string, name: string): Promise<Client> =>
    connected((await memberBy(true)).port, user, secret(name));

  const pidOf = async (client: Client): Promise<number> =>
    ((await client.query('SELECT pg_backend_pid() AS pid')).rows as { pid: number }[])[0]?.pid ?? 0;
  const isThere = async (pid: number): Promise<boolean> => {
    const admin = await onPrimary('postgres', 'superuser');
    try {
      return (await admin.query('SELECT FROM pg_stat_activity WHERE pid = $1', [pid])).rowCount === 1;
    } finally {
      await admin.end();
    }
  };

  /** Somebody who holds a lock, and somebody who has waited for it for as long as it takes to be judged. */
  const scene = async (role: [user: string, secret: string], lock = 0, then?: string) => {
    const taken = `SELECT pg_advisory_xact_lock(815, ${lock})`;
    const holder = await onPrimary(...role);
    const waiter = await onPrimary('trading', 'app');
    const pid = await pidOf(holder);
    await holder.query(`BEGIN; ${taken}`);
    const statement = then === undefined ? undefined : holder.query(then).then(String, (error: Error) => error.message);
    const got = waiter.query(taken).then(
      () => true,
      () => false,
    );
    await new Promise((resolve) => setTimeout(resolve, 4000));
    const close = () => Promise.all([holder, waiter].map((client) => client.end().catch(() => undefined)));
    return { pid, statement, got, close };
  };
  const about = (pid: number) => (finding: Finding) => finding.title.includes(`pid ${pid},`);

  describe('a transaction that was left open and holds a lock', () => {
    it('is found with who waits for it and left alone; with --heal it is ended, who waited goes on, and it is on the record', async () => {
      const { pid, got, close } = await scene(['trading', 'app']);
      const { status, findings, done } = doctor();
      expect(status).toBe(1);
      const [found] = findings.filter(about(pid));
      expect(found).toMatchObject({ rule: 'idle-in-transaction', severity: 'critical', act: { kind: 'terminate' } });
      expect(found?.title).toContain('holds up 1 session');
      expect(done).toEqual([]);
      expect(await isThere(pid)).toBe(true);

      expect(heal().done).toMatchObject([{ act: { kind: 'terminate' }, outcome: { result: 'done' } }]);
      expect(await got).toBe(true);
      expect(await isThere(pid)).toBe(false);
      const records = readFileSync(audit, 'utf8').trim().split('\n');
      expect(records.map((line) => (JSON.parse(line) as { phase: string }).phase)).toEqual(['intent', 'outcome']);
      expect(records[0]).toContain(`"pid":${pid}`);
      expect(statSync(audit).mode & 0o777).toBe(0o600);
      await close();
    });

    it('stays where it is a superuser’s, where it is young, and where the hour’s acts are done', async () => {
      const scenes = [await scene(['postgres', 'superuser'], 1), await scene(['trading', 'app'], 2)] as const;
      const [own, young] = scenes;
      const why = (...args: string[]) => heal(...args).heldBack.map((one) => [one.finding.title, one.why]);
      const superusers = [expect.stringContaining(`pid ${own.pid},`), 'it is a superuser’s'];
      const trading = expect.stringContaining(`pid ${young.pid},`) as string;
      const both = (reason: string) => expect.arrayContaining([superusers, [trading, reason]]) as string[][];
      expect(why('--min-age', '3600')).toEqual(both('it is younger than 3600 s'));
      expect(why('--most', '1')).toEqual(both('no more than 1 acts in 3600 s'));
      expect([await isThere(own.pid), await isThere(young.pid)]).toEqual([true, true]);
      for (const { close } of scenes) await close();
    });
  });

  describe('a statement that holds others up', () => {
    it('is cancelled, and its session goes on', async () => {
      const { pid, statement, got, close } = await scene(['trading', 'app'], 0, 'SELECT pg_sleep(600)');
      expect(heal().done).toMatchObject([{ act: { kind: 'cancel' }, outcome: { result: 'done' } }]);
      expect(await statement).toMatch(/canceling statement due to user request/);
      expect(await got).toBe(true);
      expect(await isThere(pid)).toBe(true);
      await close();
    });
  });

  describe('the pool', () => {
    it('that leads to a standby after its primary has moved is told to RELOAD, and then leads to the primary', async () => {
      const [primary, standby] = [await memberBy(true), await memberBy(false)];
      const file = join(state, 'pgbouncer', 'primary.ini');
      const right = readFileSync(file, 'utf8');
      const console_ = await connected(6432, 'pgbouncer', secret('pgbouncer'), 'pgbouncer');
      try {
        writeFileSync(file, right.replace(`port=${primary.port}`, `port=${standby.port}`));
        await console_.query('RELOAD');
        writeFileSync(file, right);
        const { findings, done } = heal();
        expect(findings.map(({ rule }) => rule)).toContain('points-at-standby');
        expect(done).toContainEqual(expect.objectContaining({ act: { kind: 'reload', pool: 'pool' } }));
        expect(doctor().findings.map(({ rule }) => rule)).not.toContain('points-at-standby');
      } finally {
        writeFileSync(file, right);
        await console_.query('RELOAD');
        await console_.end();
      }
    });

    it('replaces its server connections when it is told to RECONNECT', async () => {
      const healer = {
        ...{ config: loadConfig(config), server: undefined },
        pool: { user: 'pgbouncer', password_file: layout.secretOf('pgbouncer') },
      };
      const act = { kind: 'reconnect', pool: 'pool', database: 'grandmodel' } as const;
      const through = await connected(6432, 'trading', secret('app'));
      const before = await pidOf(through);
      expect(await perform(act, healer)).toMatchObject({ result: 'done' });
      const after = await until(
        20,
        () => pidOf(through),
        (pid) => pid !== before,
      );
      expect(after).toEqual(expect.any(Number));
      expect(after).not.toBe(before);
      await through.end();
      expect(await perform({ ...act, database: 'nobody"s' }, healer)).toMatchObject({ result: 'failed' });
      expect(await perform(act, { ...healer, pool: undefined })).toMatchObject({ result: 'failed' });
    });

    it('that may ask more of its server than it takes is found, since the doctor sees both', async () => {
      const console_ = await connected(6432, 'pgbouncer', secret('pgbouncer'), 'pgbouncer');
      const rows = (await console_.query('SHOW CONFIG')).rows as { key: string; value: string }[];
      const size = rows.find(({ key }) => key === 'default_pool_size')?.value ?? '';
      try {
        await console_.query('SET default_pool_size = 5000');
        const { findings, blind } = doctor();
        expect(findings.find(({ rule }) => rule === 'pools-exceed-server')).toMatchObject({ where: 'pool', act: null });
        expect(blind.filter((one) => one.why.includes('pools-exceed-server'))).toEqual([]);
      } finally {
        await console_.query(`SET default_pool_size = ${size}`);
        await console_.end();
      }
    });
  });

  describe('a doctor that watches', () => {
    it('says what is new and what is gone, once each, and ends well when it is told to', async () => {
      const watching = running('pool', 'doctor', '-c', config, '--watch', '--every', '2');
      const says = (enough: (text: string) => boolean) => until(60, () => Promise.resolve(watching.output()), enough);
      expect(await says((text) => text.includes('"msg":"watching"'))).toContain('"msg":"watching"');
      const { pid, close } = await scene(['trading', 'app']);
      const isNew = `"msg":"trading (pid ${pid}, shop) has left a transaction open`;
      expect(await says((text) => text.includes(isNew))).toContain(isNew);
      await new Promise((resolve) => setTimeout(resolve, 5000));
      await close();
      const isGone = `"msg":"gone: trading (pid ${pid}, shop)`;
      expect(await says((text) => text.includes(isGone))).toContain(isGone);
      watching.kill('SIGTERM');
      const { status, output } = await watching.ended;
      expect(status).toBe(0);
      const told = output.split('\n').flatMap((line) => (line.includes(isNew) ? [JSON.parse(line) as Finding] : []));
      // It may have become worse meanwhile, and that is news.
      expect(told.map(({ severity }) => severity)).toEqual([...new Set(told.map(({ severity }) => severity))]);
    });
  });

  describe('without what it needs', () => {
    it('says what it could not see, and judges the rest', () => {
      const half = join(state, '..', 'half.yml');
      writeFileSync(half, readFileSync(config, 'utf8').replace(/port: 6432/, 'port: 1'));
      const { status, output } = submilli('pool', 'doctor', '-c', half, '--look', '4');
      expect(status).toBe(2);
      expect(output).toMatch(/NOT JUDGED pool: .*ECONNREFUSED/);
    });

    it('heals nothing where it may not, and nothing that it can’t write down', async () => {
      const { pid, close } = await scene(['trading', 'app']);
      const weak = doctor('--heal', '--audit', join(state, '..', 'weak.jsonl'), '--min-age', '2');
      expect(weak.done).toMatchObject([{ outcome: { result: 'failed' } }]);
      expect(weak.status).toBe(1);
      const args = ['--heal', '--audit', join(config, 'audit'), ...healers];
      const unwritable = submilli('pool', 'doctor', '-c', config, ...args);
      endsWith(2, unwritable);
      expect(unwritable.output).toContain("audit log can't be written");
      expect(await isThere(pid)).toBe(true);
      await close();
    });

    it('refuses where no stack runs, and stops at Ctrl-C', async () => {
      const nowhere = submilli('pool', 'doctor', '--state', join(state, 'nowhere'));
      expect(nowhere).toMatchObject({ status: 2, output: expect.stringContaining('no stack runs here') as string });
      const long = running('pool', 'doctor', '-c', config, '--look', '600');
      await until(
        30,
        () => Promise.resolve(long.output()),
        (text) => text.includes('Looking'),
      );
      long.kill('SIGINT');
      expect((await long.ended).status).toBe(130);
      expect(existsSync(join(state, 'nowhere'))).toBe(false);
    });
  });
};
