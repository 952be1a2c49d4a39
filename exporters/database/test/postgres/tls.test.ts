import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Config, configSchema } from '@submilli/core';
import { type LocalPostgres, startPostgres, supportedMajors } from '@submilli/local-postgres';
import { makeRole, PASSWORD, scrape, scrapeUntil, valueOf, watch } from '../../../core/test/watching';
import { databaseExporter } from '../../src';

jest.setTimeout(60_000);

const DAY_SECONDS = 86_400;

const configFor = (server: LocalPostgres, sslmode: string): Config =>
  configSchema.parse({
    postgres: [{ name: 'pg', host: server.host, port: server.port, password: PASSWORD, sslmode }],
    sample_interval_seconds: 0.2,
    window_seconds: 10,
    survey_interval_seconds: 0.2,
    timeouts: { connect_ms: 2000, lock_ms: 100, statement_ms: 1000, scrape_ms: 4000 },
  });

/** Puts a self-signed certificate where the server looks for one. */
const putCertificate = (server: LocalPostgres, days: number, subject: readonly string[]): void => {
  const [key, cert] = [join(server.dataDir, 'server.key'), join(server.dataDir, 'server.crt')];
  execFileSync(
    'openssl',
    [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'],
      ...['-days', String(days), ...subject, '-keyout', key, '-out', cert],
    ],
    { stdio: 'pipe' },
  );
  const owner = statSync(server.dataDir);
  for (const file of [key, cert]) {
    chownSync(file, owner.uid, owner.gid);
    chmodSync(file, 0o600);
  }
};

const daysLeft = (text: string, subject: string): number | undefined => {
  const ends = valueOf(text, `db_tls_certificate_expiry_timestamp_seconds{subject="${subject}"}`);
  return ends === undefined ? undefined : Math.round((ends - Date.now() / 1000) / DAY_SECONDS);
};

describe.each(supportedMajors)('TLS on PostgreSQL %i', (major) => {
  let server: LocalPostgres;

  beforeAll(async () => {
    server = await startPostgres({ major });
    await makeRole(server);
    putCertificate(server, 10, ['-subj', '/CN=pg.example']);
    await server.restart({ ssl: 'on' });
  }, 180_000);
  afterAll(() => server.stop());

  it('counts sessions over the network with and without it', async () => {
    const [plain, encrypted] = [
      watch(databaseExporter, configFor(server, 'disable')),
      watch(databaseExporter, configFor(server, 'require')),
    ];
    try {
      await scrape(plain);
      const text = await scrape(encrypted);
      expect(valueOf(text, 'db_network_sessions{tls="true"}')).toBeGreaterThan(0);
      expect(valueOf(text, 'db_network_sessions{tls="false"}')).toBeGreaterThan(0);
    } finally {
      await Promise.all([plain.close(), encrypted.close()]);
    }
  });

  it('knows when the certificate ends, and of a new one without a restart', async () => {
    const target = watch(databaseExporter, configFor(server, 'prefer'));
    try {
      const before = await scrapeUntil(target, (t) => daysLeft(t, 'pg.example') !== undefined);
      expect(daysLeft(before, 'pg.example')).toBe(10);
      putCertificate(server, 100, ['-subj', '/', '-addext', 'subjectAltName=DNS:new.example']);
      await server.query('SELECT pg_reload_conf()');
      // The connection of the scrapes is still the one that was shown the old certificate.
      const after = await scrapeUntil(target, (t) => daysLeft(t, 'DNS:new.example') !== undefined);
      expect(daysLeft(after, 'DNS:new.example')).toBe(100);
      expect(daysLeft(after, 'pg.example')).toBeUndefined();
    } finally {
      await target.close();
    }
  });

  it('says what it takes to know while our own connection has none', async () => {
    const target = watch(databaseExporter, configFor(server, 'disable'));
    try {
      const skipped = 'db_exporter_collector_skipped{collector="certificate",reason="configuration"}';
      const text = await scrapeUntil(target, (t) => valueOf(t, skipped) === 1);
      expect(valueOf(text, skipped)).toBe(1);
      expect(text).not.toContain('db_tls_certificate_expiry');
      const run = target.view().runs.find(({ name }) => name === 'certificate')?.run;
      expect(run).toMatchObject({ skip: { remedy: expect.stringContaining('sslmode') as unknown } });
    } finally {
      await target.close();
    }
  });
});
