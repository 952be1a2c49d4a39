import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseConfig } from '@submilli/core';
import { parse } from 'yaml';
import { checkout, readRepo, run } from '../compose/tools';

const page = readRepo('docs/fleet.md');
const blocks = [...page.matchAll(/^```yaml\n(.*?)^```$/gms)].map(([, text = '']) => text);
const prometheus = blocks.filter((text) => text.startsWith('# prometheus.yml'));
const [discovery = '', sharded = '', stored = ''] = prometheus;

const folder = mkdtempSync(join(tmpdir(), 'submilli-fleet-'));
const rules = readdirSync(join(checkout, 'alert-rules')).filter((name) => name.endsWith('.rules.yml'));
beforeAll(() => {
  for (const name of rules) cpSync(join(checkout, 'alert-rules', name), join(folder, 'rules', name));
});
afterAll(() => rmSync(folder, { recursive: true }));

let written = 0;
const write = (text: string): string => {
  written += 1;
  const path = join(folder, `prometheus-${written}.yml`);
  writeFileSync(path, text);
  return path;
};

describe('docs/fleet.md', () => {
  it('has three configurations of Prometheus, each a whole file', () => {
    expect(prometheus).toHaveLength(3);
    for (const text of prometheus) expect(parse(text)).toHaveProperty('scrape_configs');
    expect(parse(stored)).toHaveProperty('remote_write');
  });

  it.each([0, 1, 2])('configuration %i passes promtool, with the rules', (index) => {
    const text = prometheus[index] ?? '';
    const { status, output } = run('promtool', ['check', 'config', '--syntax-only', write(text)]);
    expect({ status, output: status === 0 ? '' : output }).toEqual({ status: 0, output: '' });
    if (!text.includes('rule_files')) return;
    const whole = run('promtool', ['check', 'config', write(text)]);
    expect({ status: whole.status, files: [...whole.output.matchAll(/rules\.yml/g)].length >= rules.length }).toEqual({
      ...{ status: 0, files: true },
    });
  });

  it('has a configuration of Submilli that the exporters take', () => {
    const own = blocks.find((text) => text.startsWith('# submilli.yml')) ?? '';
    const { postgres, pgbouncer, clusters } = parseConfig(own, 'docs/fleet.md', {});
    for (const { name } of [...postgres, ...pgbouncer]) expect(name).toMatch(/^[a-z]+-[a-z0-9]+$/);
    for (const { name } of clusters) expect(name).toMatch(/^[a-z]+$/);
  });

  it('knows our largest group of rules', () => {
    const sizes = rules.flatMap((name) => {
      const { groups } = parse(readRepo(join('alert-rules', name))) as { groups: { rules: object[] }[] };
      return groups.map((group) => group.rules.length);
    });
    expect(page).toContain(`Our largest group has ${Math.max(...sizes)} rules`);
  });
});

/** As an exporter answers, see exporters/core/src/http/app.ts. */
const answers: Readonly<Record<string, readonly string[]>> = {
  '9091': ['orders-pg1', 'orders-pg2', 'billing-pg1', 'users-pg1', 'mail-pg1'],
  '9092': ['orders-pool'],
  '9093': ['orders-pg1', 'orders-pg2', 'billing-pg1', 'users-pg1', 'mail-pg1'],
  '9094': ['orders', 'billing', 'users', 'mail'],
};

type Found = { readonly discoveredLabels: Record<string, string>; readonly labels: Record<string, string> };

jest.setTimeout(60_000);

describe('Prometheus with that', () => {
  let server: Server;
  let origin: string;

  beforeAll(async () => {
    server = createServer((request, response) => {
      const [, port = ''] = /^\/(\d+)\/api\/v1\/targets$/.exec(request.url ?? '') ?? [];
      const targets = (answers[port] ?? []).map((name) => ({
        targets: [`exporters:${port}`],
        labels: { __metrics_path__: '/probe', __param_target: name, target: name },
      }));
      response.setHeader('Content-Type', 'application/json').end(JSON.stringify(targets));
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => server.close());

  /** What its own service discovery makes of a configuration of the page: promtool listens for all of its timeout. */
  const found = async (text: string): Promise<readonly Found[]> => {
    const path = write(text.replaceAll(/http:\/\/exporters\.eu-west\.example:(\d+)/g, `${origin}/$1`));
    const child = spawn('promtool', ['check', 'service-discovery', '--timeout=10s', path, 'submilli-servers']);
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (part: string) => (output += part));
    await new Promise((done) => child.on('close', done));
    return (
      JSON.parse(output) as { discoveredLabels: Found['discoveredLabels']; labels: Found['labels'] | null }[]
    ).map(({ discoveredLabels, labels }) => ({ discoveredLabels, labels: labels ?? {} }));
  };

  it('scrapes every target by its name, and knows its cluster', async () => {
    const labels = (await found(discovery)).map((one) => one.labels);
    expect(labels.map(({ target }) => target).sort()).toEqual(Object.values(answers).flat().sort());
    for (const { target = '', cluster, job, __metrics_path__: path, __param_target: asked } of labels) {
      expect({ target, cluster, job, path, asked }).toEqual({
        ...{ target, cluster: target.split('-')[0], job: 'submilli-servers', path: '/probe', asked: target },
      });
    }
  });

  it('has each cluster on one shard, with all that is said of it, and leaves none out', async () => {
    const shards = await Promise.all(
      ['0', '1'].map(async (shard) => {
        const text = sharded.replace("regex: '0'", `regex: '${shard}'`);
        return (await found(text)).map(({ labels }) => labels).filter(({ target }) => target !== undefined);
      }),
    );
    const clusters = shards.map((labels) => [...new Set(labels.map(({ cluster }) => cluster))]);
    expect(clusters.flat().sort()).toEqual(['billing', 'mail', 'orders', 'users']);
    expect(Math.min(...clusters.map(({ length }) => length))).toBeGreaterThan(0);
    expect(
      shards
        .flat()
        .map(({ target }) => target)
        .sort(),
    ).toEqual(Object.values(answers).flat().sort());
  });
});
