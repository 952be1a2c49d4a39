import { type LocalPostgres, startPostgres } from '@submilli/local-postgres';
import { Client } from 'pg';
import { type LocalPgbouncer, startPgbouncer } from '../../../exporters/pool/test/postgres/pgbouncer';
import { type Block, type Runbook, runbooks } from '../runbook';
import { psql } from './psql';

jest.setTimeout(60_000);

const users = { submilli: 'watch-me', trading: 'trade', pgbouncer: 'admin' };

const ofConsole = ({ blocks }: Runbook): readonly Block[] => blocks.filter(({ language }) => language === 'pgbouncer');
const withConsole = runbooks.filter((runbook) => ofConsole(runbook).length > 0);

describe('the console commands of the runbooks, on a real PgBouncer', () => {
  let server: LocalPostgres;
  let pgbouncer: LocalPgbouncer;
  let clients: Client[] = [];

  const consoleAs = (user: 'submilli' | 'pgbouncer', text: string) =>
    psql({ host: '127.0.0.1', port: pgbouncer.port, database: 'pgbouncer', user, password: users[user] }, text);
  const client = async (): Promise<Client> => {
    const login = { host: '127.0.0.1', port: pgbouncer.port, database: 'grandmodel', user: 'trading' };
    const one = new Client({ ...login, password: users.trading });
    one.on('error', () => undefined);
    await one.connect();
    clients.push(one);
    return one;
  };

  beforeAll(async () => {
    server = await startPostgres({ major: 17 });
    await server.query('CREATE DATABASE grandmodel');
    const { host, port, superuser, password } = server;
    const to = `host=${host} port=${port} dbname=grandmodel user=${superuser} password=${password} pool_size=1`;
    pgbouncer = await startPgbouncer(server, users, { databases: [`grandmodel = ${to}`] });
  }, 180_000);
  afterAll(async () => {
    await pgbouncer.remove();
    await server.stop();
  });

  /** A pool of one, which is taken, and a client in its queue. */
  const beBusy = async (): Promise<void> => {
    await (await client()).query('BEGIN');
    void (await client()).query('SELECT 1').catch(() => undefined);
  };
  const beIdle = async (): Promise<void> => {
    await Promise.all(clients.map((one) => one.end().catch(() => undefined)));
    clients = [];
  };
  beforeEach(beBusy);
  afterEach(beIdle);

  /** PAUSE waits for the end of transactions, and RESUME is refused where nothing is paused by the same words. */
  const run = async (text: string, as: 'submilli' | 'pgbouncer') => {
    const [, resumed, database = ''] = /^(?:PAUSE|(RESUME))( \w+)?;/m.exec(text) ?? [];
    if (/PAUSE|RESUME/.test(text)) await beIdle();
    if (resumed !== undefined) await consoleAs('pgbouncer', `PAUSE${database};`);
    const said = await consoleAs(as, text);
    if (text.includes('PAUSE')) await consoleAs('pgbouncer', `RESUME${database};`);
    return said;
  };

  it.each(withConsole.map((runbook) => [runbook.name, runbook] as const))('%s', async (name, runbook) => {
    for (const { section, text, line, marks } of ofConsole(runbook)) {
      const { status, output, errors } = await run(text, section === 'Diagnosis' ? 'submilli' : 'pgbouncer');
      const where = `${name}.md:${line}`;
      expect({ where, status, errors, marks }).toEqual({ where, status: 0, errors: '', marks: [] });
      expect({ where, output }).toMatchObject({ output: expect.not.stringContaining('(0 rows)') as string });
    }
  });
});
