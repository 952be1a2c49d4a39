import { copyFileSync, mkdtempSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exporterNames, parseConfig } from '@submilli/core';
import { parse } from 'yaml';
import { containerFiles } from '../../src/containers/files';
import { scramVerifier } from '../../src/stack/secrets';
import { composeFile } from './files';
import { checkout, readRepo, run } from './tools';

const folder = 'cluster/docker';
const { services, secrets } = composeFile();
const commandOf = (name: string): string => (services[name]?.command ?? []).join(' ');

describe('the configuration mounted into containers', () => {
  it.each(Object.entries(containerFiles()))(
    '%s follows from the reference (else: npm run containers)',
    (name, text) => {
      expect(readRepo(`${folder}/${name}`)).toBe(text);
      expect(text).not.toContain('{{');
    },
  );

  it('of Patroni quotes what its YAML parser would take for a boolean', () => {
    expect(readRepo(`${folder}/patroni.yml`)).not.toMatch(/: (on|off|yes|no)$/m);
  });

  it('of the exporters is valid, and watches what is there with the secret they are given', () => {
    const config = parseConfig(readRepo(`${folder}/submilli.yml`), 'submilli.yml', {});
    expect(config.postgres.map(({ host }) => host)).toEqual(['pg1', 'pg2']);
    expect(config.pgbouncer.map(({ host }) => host)).toEqual(['pgbouncer']);
    expect(config.clusters[0]?.patroni).toEqual(['http://pg1:8008', 'http://pg2:8008']);
    expect(services.exporters?.secrets).toEqual(['submilli']);
    const files = [...config.postgres, ...config.pgbouncer].map((target) => target.password_file);
    expect(new Set(files)).toEqual(new Set(['/run/secrets/submilli']));
  });

  it('of Prometheus passes promtool, scrapes every exporter and finds Alertmanager', () => {
    const { status, output } = run('promtool', ['check', 'config', `${folder}/prometheus.yml`]);
    expect({ status, output }).toEqual({ status: 0, output: expect.stringContaining('SUCCESS') as string });
    const { listen } = parseConfig(readRepo(`${folder}/submilli.yml`), 'submilli.yml', {});
    const config = parse(readRepo(`${folder}/prometheus.yml`)) as {
      scrape_configs: { static_configs?: { targets: string[] }[]; http_sd_configs?: { url: string }[] }[];
      alerting: { alertmanagers: { static_configs: { targets: string[] }[] }[] };
    };
    const asked = config.scrape_configs.flatMap(({ static_configs = [], http_sd_configs = [] }) => [
      ...static_configs.flatMap(({ targets }) => targets),
      ...http_sd_configs.map(({ url }) => url.replace(/^http:\/\/|\/api\/v1\/targets$/g, '')),
    ]);
    const all = exporterNames.map((name) => `exporters:${listen[name]?.split(':')[1] ?? 'off'}`);
    expect(asked.sort()).toEqual(all.sort());
    expect(config.alerting.alertmanagers[0]?.static_configs[0]?.targets).toEqual(['alertmanager:9099']);
    expect(commandOf('alertmanager')).toContain('--web.listen-address=:9099');
    expect(commandOf('alertmanager')).toMatch(/--cluster\.listen-address=$/);
  });

  it('of Alertmanager passes amtool', () => {
    const { status, output } = run('amtool', ['check-config', `${folder}/alertmanager.yml`]);
    expect({ status, output }).toEqual({ status: 0, output: expect.stringContaining('SUCCESS') as string });
    expect(services.alertmanager?.volumes).toContain('./alert-rules/templates:/etc/alertmanager/templates:ro');
  });
});

describe('the scripts in the images', () => {
  const scripts = readdirSync(join(checkout, folder)).filter((name) => name.endsWith('.sh'));

  it('pass ShellCheck', () => {
    const { status, output } = run(
      'shellcheck',
      scripts.map((name) => `${folder}/${name}`),
    );
    expect({ status, output }).toEqual({ status: 0, output: '' });
  });

  it.each(scripts)('%s can be executed', (name) => {
    expect(statSync(join(checkout, folder, name)).mode & 0o111).toBe(0o111);
  });

  it('say which secret is missing and how to make it', () => {
    const env = { SECRETS: '/nonexistent', PATRONI_NAME: 'pg1' };
    const { status, output } = run('sh', [`${folder}/patroni.sh`], { env });
    expect(output).toContain("no secret /nonexistent/superuser: make the secrets with 'node scripts/make-secrets.mjs'");
    expect(status).not.toBe(0);
  });

  it('make the verifier of a password that PostgreSQL makes', () => {
    const { output } = run('python3', [`${folder}/scram.py`], { input: 'correct-horse\n' });
    const salt = Buffer.from(/^SCRAM-SHA-256\$4096:([^$]+)\$/.exec(output)?.[1] ?? '', 'base64');
    expect(salt).toHaveLength(16);
    expect(output.trim()).toBe(scramVerifier('correct-horse', salt));
  });
});

describe('make-secrets.mjs', () => {
  it('makes exactly the secrets docker-compose.yml names, for their owner alone, and leaves them alone after that', () => {
    const root = mkdtempSync(join(tmpdir(), 'submilli-secrets-'));
    copyFileSync(join(checkout, '.env.example'), join(root, '.env.example'));
    const make = () => run('node', ['scripts/make-secrets.mjs', root]);
    const read = () =>
      Object.fromEntries(
        readdirSync(join(root, '.secrets')).map((n) => [n, readFileSync(join(root, '.secrets', n), 'utf8')]),
      );
    expect(make().status).toBe(0);
    const made = read();
    expect(Object.keys(made).sort()).toEqual(Object.keys(secrets).sort());
    expect(new Set(Object.values(made)).size).toBe(Object.keys(secrets).length);
    expect(Object.values(made).every((text) => /^[\w-]{43}\n$/.test(text))).toBe(true);
    expect(statSync(join(root, '.secrets')).mode & 0o777).toBe(0o700);
    expect(readFileSync(join(root, '.env'), 'utf8')).toContain('SUBMILLI_SECRETS=./.secrets');
    expect(make().output).toContain('nothing to make');
    expect(read()).toEqual(made);
  });
});
