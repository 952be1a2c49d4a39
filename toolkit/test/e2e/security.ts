import { readdirSync, readFileSync, statSync } from 'node:fs';
import { connect } from 'node:tls';
import { Client, type ClientConfig } from 'pg';
import { ask, asOperator, get, type Tls, trusting } from '../../src/stack/http';
import { layoutOf } from '../../src/stack/layout';
import { readSecret } from '../../src/stack/secrets';
import { onMember, until } from './stack';

const PORTS = [5432, 5433];
const REST = 'https://127.0.0.1:8008';
const ETCD = 'https://127.0.0.1:2379';
const soon = (): AbortSignal => AbortSignal.timeout(3000);

/** Why a login is refused; undefined if it is not. */
const refusal = async (config: ClientConfig): Promise<string | undefined> => {
  const client = new Client({ host: '127.0.0.1', connectionTimeoutMillis: 3000, ...config });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  } finally {
    await client.end().catch(() => undefined);
  }
};

/** Whether etcd lets a client with this certificate speak; TLS 1.3 tells of a refusal only with the first answer. */
const etcdAnswers = (tls: Tls): Promise<boolean> =>
  ask(`${ETCD}/v3/maintenance/status`, soon(), { method: 'POST', body: '{}', tls }).then(
    ({ status }) => status === 200,
    () => false,
  );

/** What the running cluster really uses, and refuses. */
export const describeSecurity = (state: string): void => {
  const layout = layoutOf(state);
  const ca = (): { ca: Buffer } => ({ ca: readFileSync(layout.certOf('ca')) });
  const app = () => ({ user: 'trading', database: 'grandmodel', password: readSecret(layout, 'app') });
  const rowsOn = <T extends object>(port: number, sql: string): Promise<T[]> =>
    onMember(state, port, async (client) => (await client.query<T>(sql)).rows, 'postgres');

  describe('security of the running cluster', () => {
    it.each(PORTS)('has every connection to the server at %i over TLS, a standby’s by certificate', async (port) => {
      const rows = await rowsOn<{ usename: string; ssl: boolean; version: string; client_dn: string | null }>(
        port,
        `SELECT usename, s.ssl, s.version, s.client_dn FROM pg_stat_ssl s JOIN pg_stat_activity a USING (pid)
          WHERE a.client_addr IS NOT NULL`,
      );
      expect(rows.filter(({ ssl, version }) => !ssl || version !== 'TLSv1.3')).toEqual([]);
      for (const { usename, client_dn } of rows) {
        expect([usename, client_dn]).toEqual([usename, usename === 'replicator' ? '/CN=replicator' : null]);
      }
      expect(rows.map(({ usename }) => usename)).toContain('submilli');
    });

    it.each(PORTS)(
      'lets nobody into the server at %i without TLS, nor from a wide network, nor by trust or md5',
      async (port) => {
        const rules = await rowsOn<{ type: string; netmask: string; auth_method: string; error: string | null }>(
          port,
          'SELECT type, netmask, auth_method, error FROM pg_hba_file_rules',
        );
        expect(rules.length).toBeGreaterThan(4);
        for (const rule of rules) {
          expect(rule).toMatchObject({ type: 'hostssl', netmask: '255.255.255.255', error: null });
          expect(['cert', 'scram-sha-256']).toContain(rule.auth_method);
        }
      },
    );

    it.each(PORTS)('makes new passwords SCRAM verifiers, and speaks TLS, on the server at %i', async (port) => {
      const settings = await rowsOn<{ name: string; setting: string }>(
        port,
        `SELECT name, setting FROM pg_settings WHERE name IN ('password_encryption', 'ssl') ORDER BY name`,
      );
      expect(settings.map(({ setting }) => setting)).toEqual(['scram-sha-256', 'on']);
    });

    it('has passwords as SCRAM verifiers, none for who replicates or backs up, and roles that can do what they must', async () => {
      const roles = await rowsOn<{ name: string; may: string[]; verifier: string | null }>(
        5432,
        `SELECT rolname AS name, left(rolpassword, 14) AS verifier, array_remove(ARRAY[
             CASE WHEN rolsuper THEN 'superuser' END, CASE WHEN rolcreaterole THEN 'createrole' END,
             CASE WHEN rolcreatedb THEN 'createdb' END, CASE WHEN rolreplication THEN 'replication' END,
             CASE WHEN rolbypassrls THEN 'bypassrls' END], NULL) AS may
           FROM pg_authid WHERE rolcanlogin ORDER BY rolname`,
      );
      const scram = 'SCRAM-SHA-256$';
      expect(roles).toEqual([
        { name: 'pgbackrest', verifier: null, may: [] },
        { name: 'postgres', verifier: scram, may: ['superuser', 'createrole', 'createdb', 'replication', 'bypassrls'] },
        { name: 'replicator', verifier: null, may: ['replication'] },
        { name: 'rewind', verifier: scram, may: [] },
        { name: 'submilli', verifier: scram, may: [] },
        { name: 'submilli_canary', verifier: scram, may: [] },
        { name: 'trading', verifier: scram, may: [] },
      ]);
      const rewind = await rowsOn<{ name: string }>(
        5432,
        `SELECT proname AS name FROM pg_proc, aclexplode(proacl) a WHERE a.grantee = 'rewind'::regrole ORDER BY 1`,
      );
      expect(rewind.map(({ name }) => name)).toEqual([
        ...['pg_ls_dir', 'pg_read_binary_file', 'pg_read_binary_file', 'pg_stat_file'],
      ]);
    });

    it.each([...PORTS, 6432])('refuses a connection in plain text at %i', async (port) => {
      expect(await refusal({ port, ...app(), ssl: false })).toMatch(/no encryption|SSL required/);
      expect(await refusal({ port, ...app(), ssl: ca() })).toBeUndefined();
    });

    it('refuses a wrong password, and who would replicate without a certificate or with that of another', async () => {
      expect(await refusal({ port: 5432, ...app(), password: 'wrong', ssl: ca() })).toMatch(/password/);
      const replicator = { port: 5432, user: 'replicator', database: 'postgres', replication: 'true' };
      const other = { cert: readFileSync(layout.certOf('operator')), key: readFileSync(layout.keyOf('operator')) };
      expect(await refusal({ ...replicator, ssl: ca() })).toMatch(/client certificate/);
      expect(await refusal({ ...replicator, ssl: { ...ca(), ...other } })).toMatch(/certificate/);
    });

    it('lets the pool speak TLS to both sides', async () => {
      const client = new Client({
        ...{ host: '127.0.0.1', port: 6432, user: 'pgbouncer', database: 'pgbouncer', ssl: ca() },
        password: readSecret(layout, 'pgbouncer'),
      });
      await client.connect();
      try {
        const sockets = await until(
          30,
          async () => {
            const { rows } = await client.query<{ type: string; tls: string; link: string }>('SHOW SOCKETS');
            return rows;
          },
          (rows) => rows.some(({ type }) => type === 'S'),
        );
        expect(sockets.some(({ type }) => type === 'S')).toBe(true);
        expect(sockets.filter(({ tls }) => !tls.startsWith('TLSv1.'))).toEqual([]);
      } finally {
        await client.end();
      }
    });

    it('takes changes over REST from who has a certificate and the password, and from nobody else', async () => {
      const authorization = `Basic ${Buffer.from(`patroni:${readSecret(layout, 'patroni')}`).toString('base64')}`;
      const reload = async (tls: Tls, headers: Record<string, string>): Promise<number> =>
        (await ask(`${REST}/reload`, soon(), { method: 'POST', tls, headers })).status;
      expect((await get(`${REST}/patroni`, soon(), trusting(layout))).status).toBe(200);
      expect(await reload(trusting(layout), { authorization })).toBe(403);
      expect(await reload(asOperator(layout), {})).toBe(401);
      expect(await reload(asOperator(layout), { authorization })).toBe(202);
      await expect(get(REST.replace('https', 'http'), soon())).rejects.toThrow('no answer');
    });

    it('lets nobody speak to etcd but who has a certificate of its own authority; its health is for all to see', async () => {
      const caFile = layout.certOf('etcd-ca');
      const withKey = (name: string): Tls => ({ caFile, certFile: layout.certOf(name), keyFile: layout.keyOf(name) });
      expect(await etcdAnswers({ caFile })).toBe(false);
      expect(await etcdAnswers(withKey('operator'))).toBe(false);
      expect(await etcdAnswers(withKey('operator-etcd'))).toBe(true);
      expect(await peerAnswers(caFile)).toBe(false);
      const metrics = 'http://127.0.0.1:2381';
      expect((await get(`${metrics}/health`, soon())).status).toBe(200);
      expect((await ask(`${metrics}/v3/kv/range`, soon(), { method: 'POST', body: '{}' })).status).toBe(404);
    });

    it('keeps every key for its owner alone', () => {
      const keys = readdirSync(layout.certs).filter((name) => name.endsWith('.key'));
      expect(keys.length).toBeGreaterThan(10);
      for (const name of keys) expect([name, statSync(`${layout.certs}/${name}`).mode & 0o777]).toEqual([name, 0o600]);
    });
  });
};

/** Whether the port for other members goes on speaking to who shows no certificate. */
const peerAnswers = (caFile: string): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port: 2380, ca: readFileSync(caFile) });
    socket.setTimeout(3000, () => socket.destroy());
    socket.on('secureConnect', () => socket.write('GET /version HTTP/1.1\r\nHost: etcd\r\n\r\n'));
    socket.on('data', () => resolve(true));
    socket.on('error', () => resolve(false));
    socket.on('close', () => resolve(false));
  });
