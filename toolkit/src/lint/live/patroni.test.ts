import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { configSchema } from '@submilli/core';
import { lint } from '../run';
import { readPatroni } from './patroni';

/** As Patroni 3.0.2 answers: only later versions say the member's name. */
const answers: Record<string, unknown> = {
  '/patroni': {
    ...{ state: 'running', postmaster_start_time: '2026-11-28 18:20:01.1+00:00', role: 'master', timeline: 1 },
    ...{ server_version: 150018, xlog: { location: 67109232 }, dcs_last_seen: 1795890000 },
    ...{ pending_restart: true, patroni: { version: '3.0.2', scope: 'main' } },
  },
  '/config': {
    ...{ ttl: 30, loop_wait: 5, synchronous_mode: true },
    postgresql: { use_pg_rewind: true, parameters: { work_mem: '64MB', max_connections: 100 }, pg_hba: ['local all'] },
  },
};

let server: Server;
const url = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
beforeAll(async () => {
  server = createServer((request, response) => response.end(JSON.stringify(answers[request.url ?? ''] ?? 'what?')));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const read = async (...patroni: string[]) => {
  const [cluster] = configSchema.parse({ clusters: [{ name: 'main', patroni }] }).clusters;
  const found = cluster === undefined ? undefined : await readPatroni(cluster, 3000);
  if (found === undefined) throw new Error('nothing was read');
  return found;
};
const context = {
  machine: { memory_mb: 16_384, cores: 8, storage: 'ssd' },
  versions: { pgbouncer: '1.18', postgresql: 15 },
  openFiles: 1024,
} as const;
const said = async (file: string, ...urls: string[]): Promise<readonly string[]> => {
  const source = { path: 'patroni.yml', text: file };
  const { findings } = lint([{ kind: 'patroni', source }, await read(...urls)], context, () => undefined);
  return findings
    .filter(({ rule }) => rule.id.startsWith('live-'))
    .map(({ rule, severity, says }) => `${severity} ${rule.id}: ${says.replaceAll(/127\.0\.0\.1:\d+/g, 'here')}`);
};

describe('what Patroni runs with', () => {
  const pending = 'warning live-patroni-members: Patroni says that http://here waits for a restart';

  it('is compared with what patronictl edit-config wrote down, by what settings mean', async () => {
    const file = 'ttl: 20\nloop_wait: 5\nsynchronous_mode: on\npostgresql:\n  parameters:\n    work_mem: 65536kB\n';
    expect(await said(file, url())).toEqual([pending, 'warning live-patroni-differs: the store of main has ttl 30']);
  });

  it('is compared with what the cluster was made from, as a thought, and only if that is the same cluster', async () => {
    const file = (scope: string): string =>
      `scope: ${scope}\nname: pg1\nrestapi: {}\nbootstrap:\n  dcs:\n    retry_timeout: 3\n    postgresql:\n      parameters:\n        max_connections: 200\n`;
    expect(await said(file('main'), url())).toEqual([
      pending,
      'info live-patroni-differs: the store of main has retry_timeout not set',
      'info live-patroni-differs: the store of main has postgresql.parameters.max_connections 100',
    ]);
    expect(await said(file('other'), url())).toEqual([pending]);
  });

  it('is told of the members that answer; who does not is told, too', async () => {
    const away = 'http://127.0.0.1:1';
    expect(await said('ttl: 30\nloop_wait: 5\n', away, url())).toEqual([
      pending,
      expect.stringMatching(/^info live-unread: Patroni at http:\/\/here: .*ECONNREFUSED/),
    ]);
    expect(await said('ttl: 30\nloop_wait: 5\n', away)).toEqual([
      expect.stringMatching(/^error live-unread: Patroni at http:\/\/here: .*ECONNREFUSED/),
    ]);
    expect(await said('ttl: 30\nloop_wait: 5\n', `${url()}/nowhere`)).toEqual([
      expect.stringContaining('something that is not Patroni’s'),
    ]);
  });
});
