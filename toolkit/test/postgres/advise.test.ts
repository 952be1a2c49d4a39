import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LocalPostgres, startPostgres } from '@submilli/local-postgres';
import { Client } from 'pg';
import { stringify } from 'yaml';
import { makeRole, PASSWORD } from '../../../exporters/core/test/watching';
import { freePort } from '../e2e/history/prometheus';
import { submilli, until } from '../e2e/stack';

jest.setTimeout(120_000);

const bin = join(__dirname, '..', '..', 'bin', 'submilli.js');

describe('submilli advise', () => {
  let server: LocalPostgres;
  let config: string;
  let folder: string;
  beforeAll(async () => {
    server = await startPostgres({ major: 15, installation: '/usr/lib/postgresql/15' });
    await makeRole(server);
    for (const statement of [
      'GRANT pg_read_all_data TO submilli',
      'CREATE EXTENSION pg_stat_statements',
      'CREATE EXTENSION hypopg',
      'CREATE TABLE trades AS SELECT g AS id, g % 2000 AS counterparty_id FROM generate_series(1, 200000) g',
      'VACUUM ANALYZE trades',
    ]) {
      await server.query(statement);
    }
    const client = new Client(server.clientConfig());
    await client.connect();
    for (let id = 0; id < 20; id += 1) {
      await client.query('SELECT count(*) FROM trades WHERE counterparty_id = $1', [id]);
    }
    await client.end();
    folder = mkdtempSync(join(tmpdir(), 'advise-'));
    config = join(folder, 'submilli.yml');
    const { host, port } = server;
    writeFileSync(
      config,
      stringify({ postgres: [{ name: 'pg', host, port, password: PASSWORD, sslmode: 'disable' }] }),
    );
  }, 180_000);
  afterAll(() => server.stop());

  const indexes = (...args: string[]) => submilli('advise', 'indexes', '--config', config, '--target', 'pg', ...args);

  describe('indexes', () => {
    it('prints what to build, why, at what price, and how to go back', () => {
      const { status, output } = indexes('--on-primary');
      expect(output).toMatch(/the planner was asked \d+ times/);
      expect(output).toMatch(/CREATE INDEX CONCURRENTLY IF NOT EXISTS .*\(counterparty_id\)/);
      expect(output).toContain('DROP INDEX CONCURRENTLY IF EXISTS');
      expect(output).toMatch(/SELECT count\(\*\) FROM trades WHERE counterparty_id = \$1/);
      expect(status).toBe(1);
    });

    it('says that it only estimates on a primary, unless told to ask', () => {
      expect(indexes().output).toContain('no planner was asked');
    });

    it('names the entries that there are when asked for another', () => {
      const { status, output } = submilli('advise', 'indexes', '--config', config, '--target', 'nobody');
      expect(status).toBe(2);
      expect(output).toContain('no entry under postgres is called nobody (there: pg)');
    });

    it('takes the statements of a file, as its query makes it, and says what is wrong with another', async () => {
      const file = join(folder, 'statements.json');
      const { output: query } = submilli('advise', 'indexes', '--print-query');
      const [row] = await server.query(query);
      const [made] = Object.values<unknown>(row ?? {});
      writeFileSync(file, JSON.stringify(made));
      await server.query('SELECT pg_stat_statements_reset()');
      expect(indexes('--on-primary').output).toContain('No index is advised.');
      expect(indexes('--on-primary', '--statements', file).output).toMatch(/CREATE INDEX .*\(counterparty_id\)/);

      writeFileSync(join(folder, 'wrong.json'), '{"seconds": 1, "statements": [{"queryid": 12}]}');
      const wrong = indexes('--statements', join(folder, 'wrong.json'));
      expect(wrong.output).toContain('statements.0.queryid');
      expect(wrong.output).toContain('--print-query');
      expect(wrong.status).toBe(2);
    });

    it('writes a migration that does what it says, and the way back', async () => {
      const name = join(folder, '0001_indexes');
      const of = ['--on-primary', '--statements', join(folder, 'statements.json')];
      expect(indexes(...of, '--migration', name).status).toBe(1);
      const run = async (file: string): Promise<void> => {
        // One statement at a time, as psql does: CONCURRENTLY runs in no transaction.
        const text = readFileSync(file, 'utf8').replaceAll(/^--.*$/gm, '');
        for (const one of text.split(';').filter((part) => part.trim() !== '')) await server.query(one);
      };
      const there = async (): Promise<unknown[]> =>
        server.query(
          "SELECT indexname FROM pg_indexes WHERE tablename = 'trades' AND indexdef LIKE '%counterparty_id%'",
        );
      await run(`${name}.up.sql`);
      expect(await there()).toHaveLength(1);
      const after = indexes(...of, '--migration', join(folder, '0002_none'));
      expect(after.output).toContain('No index is advised.');
      expect(after.status).toBe(0);
      expect(existsSync(join(folder, '0002_none.up.sql'))).toBe(false);
      await run(`${name}.down.sql`);
      expect(await there()).toEqual([]);
    });
  });

  describe('of running exporters', () => {
    let stop: () => Promise<void>;
    let url: string;
    beforeAll(async () => {
      const port = await freePort();
      url = `http://127.0.0.1:${port}`;
      const running = join(folder, 'running.yml');
      const { host, port: own } = server;
      writeFileSync(
        running,
        stringify({
          postgres: [{ name: 'pg', host, port: own, password: PASSWORD, sslmode: 'disable' }],
          listen: { database: `127.0.0.1:${port}`, pool: null, query: null, ha: null },
          state_directory: join(folder, 'state'), // of its own: what is set aside here stays so
        }),
      );
      const child = spawn(process.execPath, [bin, 'serve', '--config', running], { stdio: 'ignore' });
      const ended = new Promise<void>((resolve) => child.on('exit', () => resolve()));
      stop = async () => {
        child.kill();
        await ended;
      };
      // Rules look at what a scrape collected, and on a busy machine the first had not time for everything.
      await until(
        60,
        async () => (await fetch(`${url}/metrics`)).text(),
        (text) => /^db_advice_recommendations\{.*\} [1-9]/m.test(text),
      );
    });
    afterAll(() => stop());

    type Open = { title: string; severity: string; action: { text: string }; rule: string; id: string };
    const ask = (...args: string[]) => submilli('advise', '--exporter', url, ...args);
    const standing = (): { open: Open[]; setAside: Open[] } => {
      const { output } = ask('--json');
      return JSON.parse(output.slice(output.indexOf('{'), output.lastIndexOf('}') + 1)) as ReturnType<typeof standing>;
    };
    const open = (): Open[] => standing().open;

    it('says what each of them advises, and what could not be looked at', () => {
      const all = open();
      expect(all.length).toBeGreaterThan(0);
      const { status, output } = ask();
      expect(status).toBe(1);
      for (const { title, action } of all) {
        expect(output).toContain(title);
        expect(output).toContain(action.text.split('\n')[0]);
      }
      expect(output).toMatch(/\d+ advised \(\d+ rules looked at by 1 exporter\)/);
      expect(output).toContain('Not looked at, so not known:');
    });

    it('is silent about what somebody set aside, unless asked', async () => {
      const [first] = open();
      const answer = await fetch(`${url}/api/v1/recommendations/${first?.id ?? ''}/dismiss`, {
        ...{ method: 'POST', headers: { 'content-type': 'application/json' } },
        body: JSON.stringify({ by: 'test', why: 'as we want it' }),
      });
      expect(answer.status).toBe(200);
      const { open: left, setAside } = standing();
      expect(left.map(({ id }) => id)).not.toContain(first?.id);
      expect(setAside.map(({ id }) => id)).toContain(first?.id);
      expect(ask().output).toContain(`${setAside.length} more set aside: see --all.`);
      expect(ask('--all').output).toContain('dismissed by test');
    });

    it('tells nothing to do from nobody to ask', () => {
      const none = ask('--rule', 'no-such-rule');
      expect(none.output).toContain('Nothing is advised');
      expect(none.status).toBe(0);
      const half = submilli('advise', '--exporter', url, '--exporter', 'http://127.0.0.1:1', '--rule', 'no-such-rule');
      expect(half.output).toContain('Not asked: no answer from http://127.0.0.1:1');
      expect(half.status).toBe(2);
      expect(ask('--severity', 'critical').status).toBe(0);
    });
  });
});
