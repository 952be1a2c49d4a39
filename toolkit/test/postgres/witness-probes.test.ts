import { chownSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer as createHttpsServer } from 'node:https';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '@submilli/core';
import { freePort, type LocalPostgres, startPostgres, supportedMajors } from '@submilli/local-postgres';
import type { Health } from '../../src/witness/look';
import { probePatroni } from '../../src/witness/probe/patroni';
import { probePostgres } from '../../src/witness/probe/postgres';
import { createAgents } from '../../src/witness/request';
import { type Certificates, makeCertificates } from '../witness/certificates';

jest.setTimeout(60_000);

const LIMIT_MS = 2000;
/** A clock that stands still, so that nothing depends on how busy this machine is. */
const still: Clock = { monotonic: () => 0, wall: () => 0 };

const ask = (port: number, limitMs = LIMIT_MS, clock = still): Promise<Health> =>
  probePostgres({ host: '127.0.0.1', port }, limitMs, clock);

const listen = (server: Server): Promise<number> =>
  new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)));

/** A certificate where the server looks for one. */
const putCertificate = ({ dataDir }: LocalPostgres): void => {
  const folder = mkdtempSync(join(tmpdir(), 'submilli-probe-'));
  const { cert, key } = makeCertificates(folder).server;
  const owner = statSync(dataDir);
  for (const [from, name] of [
    [cert, 'server.crt'],
    [key, 'server.key'],
  ] as const) {
    const to = join(dataDir, name);
    writeFileSync(to, readFileSync(from), { mode: 0o600 });
    chownSync(to, owner.uid, owner.gid);
  }
  rmSync(folder, { recursive: true, force: true });
};

describe.each([supportedMajors[0], supportedMajors.at(-1)])('a witness that asks PostgreSQL %s', (major) => {
  let server: LocalPostgres;

  beforeAll(async () => {
    if (major === undefined) throw new Error('no version is supported');
    server = await startPostgres({ major });
    putCertificate(server);
    await server.restart({ ssl: 'on' });
  }, 120_000);
  afterAll(() => server.stop('immediate'));

  it('gets an answer that leaves nothing in the server’s log, TLS or not', async () => {
    const before = readFileSync(server.logFile, 'utf8');
    for (let i = 0; i < 5; i += 1) expect(await ask(server.port)).toMatchObject({ is: 'alive' });
    await server.query('SELECT 1');
    expect(readFileSync(server.logFile, 'utf8')).toBe(before);
  });

  it('gets one also when all connections are taken', async () => {
    await server.restart({ max_connections: 2, superuser_reserved_connections: 1, max_wal_senders: 0 });
    const held = Array.from({ length: 2 }, () => server.query('SELECT pg_sleep(2)').catch(() => undefined));
    await sleep(300);
    expect(await ask(server.port)).toMatchObject({ is: 'alive' });
    await Promise.all(held);
  });

  it('finds it dead when it hangs, though its port is still open, and alive when it goes on', async () => {
    server.pause();
    expect(await ask(server.port, 300)).toEqual({
      is: 'dead',
      why: `PostgreSQL 127.0.0.1:${server.port} does not answer within 300 ms`,
    });
    server.resume();
    expect(await ask(server.port)).toMatchObject({ is: 'alive' });
  });

  it('does not take its own slowness for the server’s', async () => {
    let now = 0;
    const late: Clock = { monotonic: () => (now += 700), wall: () => 0 };
    server.pause();
    expect(await ask(server.port, 300, late)).toMatchObject({ is: 'unknown' });
    server.resume();
  });

  it('finds it dead when it is stopped', async () => {
    await server.stop('immediate');
    expect(await ask(server.port)).toMatchObject({ is: 'dead' });
  });
});

describe('a witness that asks something else', () => {
  it('finds dead what accepts and hangs up, or never answers', async () => {
    const rude = createServer((socket) => socket.end());
    const mute = createServer(() => undefined);
    expect(await ask(await listen(rude))).toMatchObject({ is: 'dead' });
    expect(await ask(await listen(mute), 300)).toMatchObject({ is: 'dead' });
    rude.close();
    mute.close();
  });

  it('knows nothing of a host whose name it can’t look up: that is its own trouble', async () => {
    const seen = await probePostgres({ host: 'no-such-host.invalid', port: 5432 }, 20_000, still);
    expect(seen.is).toBe('unknown');
  });
});

describe('a witness that asks a Patroni with TLS and client certificates', () => {
  let folder: string;
  let certificates: Certificates;
  let server: Server;
  let url: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'submilli-probe-'));
    certificates = makeCertificates(folder);
    const { ca, server: own } = certificates;
    const tls = { ca: readFileSync(ca), cert: readFileSync(own.cert), key: readFileSync(own.key) };
    server = createHttpsServer({ ...tls, requestCert: true, rejectUnauthorized: true }, (_, response) => {
      response.writeHead(503).end();
    });
    url = `https://127.0.0.1:${await listen(server)}/patroni`;
  });
  afterAll(() => {
    server.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const probe = async (files: Parameters<typeof createAgents>[0], at = url): Promise<Health> => {
    const agents = createAgents(files, 'witness.patroni');
    try {
      return await probePatroni(at, agents, LIMIT_MS, still);
    } finally {
      agents.close();
    }
  };

  it('takes any answer for one, also 503', async () => {
    const { ca, client } = certificates;
    const health = await probe({ ca_file: ca, cert_file: client.cert, key_file: client.key });
    expect(health).toMatchObject({ is: 'alive', why: expect.stringContaining('503') as string });
  });

  it('never finds it dead because a certificate is wrong or missing', async () => {
    expect((await probe({})).is).toBe('unknown');
    expect((await probe({ ca_file: join(folder, 'nowhere.pem') })).is).toBe('unknown');
    expect((await probe({ ca_file: certificates.ca })).is).not.toBe('dead');
  });

  it('finds it dead when nothing listens there', async () => {
    const health = await probe({}, `https://127.0.0.1:${await freePort()}/patroni`);
    expect(health).toMatchObject({ is: 'dead' });
  });
});
