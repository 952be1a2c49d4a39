import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '@submilli/local-postgres';
import { hashSync } from 'bcryptjs';
import { stringify } from 'yaml';
import { makeFolder, serve, type Serving, until, writeIn } from './serving';

jest.setTimeout(90_000);

const USER = 'prometheus';
const SECRET = 'right-as-rain';
const folder = makeFolder();
const at = (name: string): string => join(folder.path, name);
let serving: Serving;

/** An authority, and what it has signed for the exporters. */
const makeCertificates = (): void => {
  const openssl = (...args: string[]): Buffer => execFileSync('openssl', args, { cwd: folder.path, stdio: 'pipe' });
  const ec = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1'];
  openssl('req', '-x509', ...ec, '-subj', '/CN=authority', '-keyout', 'ca.key', '-out', 'ca.crt');
  openssl('req', '-x509', ...ec, '-subj', '/CN=other', '-keyout', 'other.key', '-out', 'other.crt');
  openssl(
    ...['req', '-x509', ...ec, '-subj', '/CN=exporter', '-addext', 'subjectAltName=IP:127.0.0.1'],
    ...['-CA', 'ca.crt', '-CAkey', 'ca.key', '-keyout', 'exporter.key', '-out', 'exporter.crt'],
  );
};

beforeAll(async () => {
  makeCertificates();
  const web = {
    tls_server_config: { cert_file: 'exporter.crt', key_file: 'exporter.key' },
    basic_auth_users: { [USER]: hashSync(SECRET, 10) },
  };
  writeIn(folder.path, 'web.yml', stringify(web));
  serving = await serve(folder.path, { web_config_file: 'web.yml' }, { scheme: 'https' });
}, 60_000);
afterAll(async () => {
  await serving.stop();
  folder.remove();
});

/** The status that curl is given, and 0 with its reason where it is given none. */
const curl = (...args: string[]): { readonly status: number; readonly why: string } => {
  const options = ['--silent', '--show-error', '--output', '/dev/null', '--write-out', '%{http_code}'];
  const { stdout, stderr } = spawnSync('curl', [...options, '--noproxy', '*', ...args], { encoding: 'utf8' });
  return { status: Number(stdout), why: stderr };
};
const trusting = (): string[] => ['--cacert', at('ca.crt')];

describe('TLS and passwords, to clients as they are', () => {
  it('let curl in with the right password and the right authority only', () => {
    const url = `${serving.urls.database}/metrics`;
    const login = ['--user', `${USER}:${SECRET}`];
    expect(curl(url, ...trusting(), ...login)).toEqual({ status: 200, why: '' });
    expect(curl(url, ...trusting()).status).toBe(401);
    for (const wrong of [`${USER}:wrong`, `${USER}:`, `nobody:${SECRET}`, `${USER.toUpperCase()}:${SECRET}`]) {
      expect([wrong, curl(url, ...trusting(), '--user', wrong).status]).toEqual([wrong, 401]);
    }
    expect(curl(url, '--cacert', at('other.crt'), ...login)).toMatchObject({
      ...{ status: 0, why: expect.stringContaining('certificate') as string },
    });
    expect(curl(url.replace('https', 'http'), ...login).status).toBe(0);
  });

  it('ask for the password on every path, also on those that there are not', () => {
    for (const path of [
      '/',
      '/probe?target=x',
      '/-/healthy',
      '/-/ready',
      '/api/v1/status',
      '/api/v1/targets',
      '/none',
    ]) {
      expect([path, curl(serving.urls.ha + path, ...trusting()).status]).toEqual([path, 401]);
    }
    expect(curl(`${serving.urls.ha}/-/reload`, ...trusting(), '--request', 'POST').status).toBe(401);
  });

  it.each(['tls1', 'tls1_1'])('refuse %s, and take what is newer', (version) => {
    const address = new URL(serving.urls.database).host;
    const speak = (flag: string) =>
      spawnSync('openssl', ['s_client', '-connect', address, `-${flag}`, '-cipher', 'DEFAULT:@SECLEVEL=0'], {
        ...{ input: '', encoding: 'utf8' },
      });
    // It is the server that says no.
    expect(speak(version)).toMatchObject({
      ...{ status: 1, stderr: expect.stringContaining('alert protocol version') as string },
    });
    expect([speak('tls1_2').status, speak('tls1_3').status]).toEqual([0, 0]);
  });

  it('serve who is known while wrong passwords rain, which wait or are refused, and never let in', async () => {
    const known = ['--user', `${USER}:${SECRET}`];
    const url = `${serving.urls.query}/-/healthy`;
    expect(curl(url, ...trusting(), ...known).status).toBe(200);
    const statuses: Record<string, number> = {};
    // Each with a password of its own, or they would be compared together.
    const flood = Array.from({ length: 40 }, (_, i) => {
      const args = [
        '--silent',
        '--output',
        '/dev/null',
        '--write-out',
        '%{http_code}',
        '--noproxy',
        '*',
        ...trusting(),
      ];
      const child = spawn('curl', [...args, url, '--user', `${USER}:wrong${i}`], {
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      child.stdout.on('data', (code: Buffer) => (statuses[code.toString()] = (statuses[code.toString()] ?? 0) + 1));
      return new Promise((resolve) => child.once('close', resolve));
    });
    for (let i = 0; i < 3; i += 1) expect(curl(url, ...trusting(), ...known).status).toBe(200);
    await Promise.all(flood);
    expect(Object.values(statuses).reduce((sum, count) => sum + count, 0)).toBe(40);
    expect(Object.keys(statuses).filter((status) => !['401', '429'].includes(status))).toEqual([]);
  });

  it('are what a real Prometheus scrapes through, and with a wrong password or authority it does not', async () => {
    const port = await freePort();
    const secret = writeIn(folder.path, 'secret', SECRET);
    const job = (name: string, over: object) => ({
      ...{ job_name: name, scheme: 'https', scrape_interval: '1s', scrape_timeout: '1s' },
      tls_config: { ca_file: at('ca.crt') },
      basic_auth: { username: USER, password_file: secret },
      static_configs: [{ targets: Object.values(serving.urls).map((url) => new URL(url).host) }],
      ...over,
    });
    const config = writeIn(
      folder.path,
      'prometheus.yml',
      stringify({
        scrape_configs: [
          job('right', {}),
          job('wrong-password', { basic_auth: { username: USER, password: 'wrong' } }),
          job('wrong-authority', { tls_config: { ca_file: at('other.crt') } }),
        ],
      }),
    );
    mkdirSync(at('data'));
    const options = [`--config.file=${config}`, `--storage.tsdb.path=${at('data')}`];
    const prometheus = spawn('prometheus', [...options, `--web.listen-address=127.0.0.1:${port}`], { stdio: 'ignore' });
    const ended = new Promise((resolve) => prometheus.once('close', resolve));
    const ups = async (job: string, value: number): Promise<number> => {
      const query = encodeURIComponent(`count(up{job="${job}"} == ${value})`);
      const answer = await fetch(`http://127.0.0.1:${port}/api/v1/query?query=${query}`).catch(() => undefined);
      const body = (await answer?.json()) as { data?: { result: { value: [number, string] }[] } } | undefined;
      return Number(body?.data?.result[0]?.value[1] ?? 0);
    };
    try {
      await until('all four are scraped', async () => (await ups('right', 1)) === 4);
      await until('none is with a wrong password', async () => (await ups('wrong-password', 0)) === 4);
      await until('none is by a wrong authority', async () => (await ups('wrong-authority', 0)) === 4);
    } finally {
      prometheus.kill('SIGTERM');
      await ended;
    }
  });
});
