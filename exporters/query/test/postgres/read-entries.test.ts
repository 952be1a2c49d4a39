import { connectSql, deadlineIn, type Opened, type SqlSession, systemClock } from '@submilli/core';
import { type LocalPostgres, startPostgres, supportedMajors } from '@submilli/local-postgres';
import { Client } from 'pg';
import { makeRole, PASSWORD } from '../../../core/test/watching';
import { type Columns, readColumns } from '../../src/statements/columns';
import type { Entry } from '../../src/statements/entry';
import { type Known, readEntries } from '../../src/statements/read-entries';

jest.setTimeout(60_000);

const soon = () => deadlineIn(20_000, systemClock);
const IDLE = 200;

/** A table of its own each: else they would be one statement. */
const ofTable = (i: number): string => `SELECT count(*) FROM t${i}`;

describe.each(supportedMajors)('entries of pg_stat_statements on PostgreSQL %i', (major) => {
  let server: LocalPostgres;
  let application: Client;
  let opened: Opened<SqlSession>;
  let columns: Columns;
  let known: Known | undefined;

  /** Reads, as the sampler does, and tells how many entries were read in full. */
  const read = async (): Promise<{ readonly entries: ReadonlyMap<string, Entry>; readonly inFull: number }> => {
    let inFull = 0;
    const counting: SqlSession = {
      ...opened.session,
      query: async (text, values, deadline) => {
        const rows = await opened.session.query(text, values, deadline);
        if (!text.includes('AS mark')) inFull += rows.length;
        return rows;
      },
    };
    const { entries, marks } = await readEntries(counting, { schema: 'public', columns, known }, soon());
    known = { entries: new Map(entries.map((entry) => [entry.key, entry])), marks };
    return { entries: known.entries, inFull };
  };

  /** All of them, as if nothing was known. */
  const readAnew = async (): Promise<ReadonlyMap<string, Entry>> => {
    const { entries } = await readEntries(opened.session, { schema: 'public', columns, known: undefined }, soon());
    return new Map(entries.map((entry) => [entry.key, entry]));
  };

  const queryidOf = async (text: string): Promise<string> => {
    const rows = await server.query<{ id: string }>(
      `SELECT queryid::text AS id FROM pg_stat_statements WHERE query = '${text}'`,
    );
    return rows[0]?.id ?? '';
  };

  beforeAll(async () => {
    server = await startPostgres({ major, settings: { 'pg_stat_statements.track_planning': 'on' } });
    await makeRole(server);
    await server.query('CREATE EXTENSION pg_stat_statements');
    await server.query(
      `DO $$ BEGIN FOR i IN 1..${IDLE} LOOP EXECUTE format('CREATE TABLE t%s (a int)', i); END LOOP; END $$`,
    );
    application = new Client(server.clientConfig());
    await application.connect();
    for (let i = 1; i <= IDLE; i += 1) await application.query(ofTable(i));
    opened = await connectSql(
      {
        address: {
          ...{ name: 'pg', host: server.host, port: server.port, database: 'postgres', user: 'submilli' },
          ...{ password: PASSWORD, sslmode: 'disable' },
        },
        limits: { connect_ms: 2000, lock_ms: 100, statement_ms: 5000 },
        ...{ applicationName: 'submilli/query', dialect: 'postgres', clock: systemClock },
      },
      soon(),
    );
    columns = await readColumns(opened.session, 'any', soon());
    await read();
  }, 120_000);
  afterAll(async () => {
    await opened.close();
    await application.end();
    await server.stop();
  });

  it('are read in full only where one was called, and are what a full reading has', async () => {
    await application.query(ofTable(7));
    const before = known?.entries;
    const { entries, inFull } = await read();
    expect(inFull).toBe(1);
    expect(entries).toEqual(await readAnew());
    expect([...entries].filter(([key, entry]) => before?.get(key) !== entry).map(([, { calls }]) => calls)).toEqual([
      2,
    ]);
    expect((await read()).inFull).toBe(0);
  });

  it('are read again when one was planned but not called', async () => {
    await application.query(`PREPARE never AS ${ofTable(8)}`);
    await application.query('SET plan_cache_mode = force_custom_plan');
    await expect(application.query("SET statement_timeout = '1ms'; SELECT pg_sleep(1); EXECUTE never")).rejects.toThrow(
      'statement timeout',
    );
    await application.query('RESET statement_timeout; EXPLAIN EXECUTE never');
    await read();
    expect(known?.entries).toEqual(await readAnew());
  });

  it('are gone when they are thrown out, and come back anew', async () => {
    const queryid = await queryidOf(ofTable(9));
    await server.query(`SELECT pg_stat_statements_reset(0, 0, ${queryid})`);
    const has = (entries: ReadonlyMap<string, Entry>) => [...entries.values()].filter((one) => one.queryid === queryid);
    expect(has((await read()).entries)).toEqual([]);
    await application.query(ofTable(9));
    expect(has((await read()).entries)).toMatchObject([{ calls: 1 }]);
  });

  it('follow a database that gets another name', async () => {
    await server.query('CREATE DATABASE shop');
    const client = new Client(server.clientConfig({ database: 'shop' }));
    await client.connect();
    await client.query('SELECT 1 AS one');
    await client.end();
    const names = async () => [...(await read()).entries.values()].map(({ database }) => database);
    expect(await names()).toContain('shop');
    await server.query('ALTER DATABASE shop RENAME TO store');
    expect(await names()).toEqual(expect.arrayContaining(['store']));
    expect(await names()).not.toContain('shop');
  });
});
