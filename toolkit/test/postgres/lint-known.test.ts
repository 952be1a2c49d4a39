import { execFile, spawn } from 'node:child_process';
import { chmodSync, chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort, serverAccount, startPostgres } from '@submilli/local-postgres';
import { Client } from 'pg';
import { patroniDefaults } from '../../src/lint/known/patroni';
import { pgbouncer118 } from '../../src/lint/known/pgbouncer-1.18';
import { postgresql15 } from '../../src/lint/known/postgresql-15';

jest.setTimeout(120_000);
const run = promisify(execFile);
const linesOf = (table: string): string[] => table.split('\n').filter((line) => line !== '');

describe('what the lint knows', () => {
  it('of PostgreSQL 15 is what PostgreSQL 15 says', async () => {
    const server = await startPostgres({ major: 15, installation: '/usr/lib/postgresql/15' });
    try {
      const client = new Client(server.clientConfig());
      await client.connect();
      const { rows: settings } = await client.query<Record<string, string>>(
        `SELECT name, name || '|' || vartype || '|' || coalesce(unit, '') || '|' || context || '|' || coalesce(min_val, '')
           || '|' || coalesce(max_val, '') || '|' || coalesce(pg_catalog.array_to_string(enumvals, ','), '') AS line
           FROM pg_catalog.pg_settings WHERE pg_catalog.strpos(name, '.') = 0 ORDER BY name COLLATE "C"`,
      );
      await client.end();
      // Defaults may be those of a build; what is taken is not.
      expect(linesOf(postgresql15).map((line) => line.split('|').slice(0, 7).join('|'))).toEqual(
        settings.map(({ line }) => line),
      );
    } finally {
      await server.stop();
    }
  });

  it('of PgBouncer 1.18 is what PgBouncer 1.18 shows', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'lint-pool-'));
    const account = serverAccount();
    const port = await freePort();
    const ini = join(folder, 'pgbouncer.ini');
    writeFileSync(join(folder, 'users'), '"admin" ""\n');
    writeFileSync(
      ini,
      `[databases]\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = ${port}\nunix_socket_dir =\nauth_type = any\nadmin_users = admin\nauth_file = ${folder}/users\n`,
    );
    for (const path of [folder, ini, join(folder, 'users')]) {
      chmodSync(path, path === folder ? 0o700 : 0o600);
      if (account !== undefined) chownSync(path, account.uid, account.gid);
    }
    const pool = spawn('/usr/sbin/pgbouncer', [ini], {
      stdio: 'ignore',
      ...(account === undefined ? {} : { uid: account.uid, gid: account.gid }),
    });
    try {
      const shown = await ask(port);
      expect(shown).toEqual(
        linesOf(pgbouncer118).map((line) => {
          const [name = '', , reload = '', , ...fallback] = line.split('|');
          return [name, name === 'auth_query' ? '' : fallback.join('|'), reload].join('|');
        }),
      );
    } finally {
      pool.kill('SIGINT');
      await new Promise((resolve) => pool.once('exit', resolve));
      rmSync(folder, { recursive: true });
    }
  });

  it('of Patroni’s defaults is what Patroni 3.0.2 has', async () => {
    const script =
      'import json; from patroni.config import Config; from patroni.version import __version__;' +
      'print(json.dumps([__version__, {k: v for k, v in Config._Config__DEFAULT_CONFIG.items() if not isinstance(v, dict)}]))';
    const { stdout } = await run('/usr/bin/python3', ['-c', script]);
    expect(JSON.parse(stdout)).toEqual(['3.0.2', patroniDefaults]);
  });
});

/** SHOW CONFIG as name|default|changeable, once the pool is up. */
const ask = async (port: number): Promise<string[]> => {
  for (let tries = 0; ; tries += 1) {
    const client = new Client({ host: '127.0.0.1', port, user: 'admin', database: 'pgbouncer' });
    try {
      await client.connect();
      const { rows } = await client.query<{ key: string; default: string | null; changeable: string }>('SHOW CONFIG');
      return rows.map((row) =>
        [row.key, row.key === 'auth_query' ? '' : (row.default ?? ''), row.changeable].join('|'),
      );
    } catch (error) {
      if (tries > 100) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    } finally {
      await client.end().catch(() => undefined);
    }
  }
};
