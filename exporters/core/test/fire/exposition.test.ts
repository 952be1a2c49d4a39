import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '@submilli/local-postgres';
import fc from 'fast-check';
import {
  configSchema,
  defineCollector,
  gauge,
  histogram,
  runExporter,
  type RunningExporter,
  silentLogger,
  summary,
} from '../../src';
import { runs } from '../fuzz';

jest.setTimeout(120_000);

/** What PostgreSQL lets a table, an application or a statement be called, and what it would not. */
const awkward = [
  ...[
    '',
    ' ',
    '"',
    '\\',
    '\n',
    '\\n',
    '\\"',
    '\\\\',
    '"\n\\',
    '\r',
    '\t',
    '\u0000',
    'a\u0000b',
    '\u007f',
    '\u0085',
    '\u2028',
  ],
  ...[
    '{',
    '}',
    ',',
    '=',
    '# HELP x y',
    '} 1\nfuzz_value{name="injected"} 666\n',
    '",name="twice',
    '🙂',
    'é',
    'e\u0301',
  ],
  ...[
    '\ud800',
    'a\udc00b',
    '\ufffd',
    '\ufeff',
    '\u202eevil',
    'x'.repeat(256),
    'y'.repeat(300),
    `${'z'.repeat(255)}🙂`,
    '<b>',
  ],
];
const texts = fc.oneof(
  fc.constantFrom(...awkward),
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.string({ unit: 'grapheme', maxLength: 60 }),
);
const numbers = fc.double({ noNaN: true, noDefaultInfinity: true });

/** More series than anybody should have, each with names of its own. */
const MANY = 10_000;
const sample = fc.sample(fc.tuple(texts, numbers), { seed: 20_261_129, ...runs(2000) });
const given: ReadonlyMap<string, number> = new Map([
  ...awkward.map((name, i) => [name, i] as const),
  ...sample,
  ...Array.from({ length: MANY }, (_, i) => [`"${i}\\\n`, i / 7] as const),
]);

/** As they are to be read: bounded, well-formed, no zero byte. Of two that are then alike the first counts. */
const expected = new Map<string, number>();
for (const [name, value] of given) {
  const read = Buffer.from(name.slice(0, 256)).toString().replaceAll('\0', '\ufffd');
  if (!expected.has(read)) expected.set(read, value);
}

const hostile = defineCollector({
  name: 'hostile',
  source: 'a test',
  metrics: {
    value: gauge('fuzz_value', 'Help with "quotes", a \\ and a\nsecond line.', ['name']),
    twice: gauge('fuzz_two', 'Two names.', ['first', 'second']),
    spread: histogram('fuzz_spread_seconds', 'A histogram.', ['name']),
    share: summary('fuzz_share_seconds', 'A summary.', ['name']),
  },
  read: () => Promise.resolve(null),
  publish: (_: null, m) => [
    ...[...given].map(([name, value]) => m.value({ name }, value)),
    ...awkward.map((name, i) => m.twice({ first: name, second: `${name}"` }, i)),
    ...awkward.map((name) =>
      m.spread(
        { name },
        {
          buckets: new Map([
            [0.1, 1],
            [1, 2],
          ]),
          sum: 1.5,
          count: 3,
        },
      ),
    ),
    ...awkward.map((name) => m.share({ name }, { quantiles: new Map([[0.99, 0.5]]), sum: 1.5, count: 3 })),
  ],
});

const source = {
  where: 'a test',
  open: () => Promise.resolve({ session: null, isClosed: () => false, close: () => Promise.resolve() }),
  facts: () => Promise.resolve(null),
  plan: () => undefined,
};

describe('what Prometheus itself makes of names that mean harm', () => {
  const folder = mkdtempSync(join(tmpdir(), 'submilli-exposition-'));
  let exporter: RunningExporter;
  let prometheus: ChildProcess;
  let api = '';

  const query = async (
    expression: string,
  ): Promise<readonly { metric: Record<string, string>; value: [number, string] }[]> => {
    const body = new URLSearchParams({ query: expression });
    const answer = await fetch(`${api}/query`, { method: 'POST', body }).catch(() => undefined);
    const { data } = ((await answer?.json().catch(() => undefined)) as { data?: { result?: never[] } }) ?? {};
    return data?.result ?? [];
  };

  beforeAll(async () => {
    const [own, theirs] = [await freePort(), await freePort()];
    const listen = { database: `127.0.0.1:${own}`, pool: null, query: null, ha: null };
    exporter = await runExporter(
      {
        ...{ name: 'database', title: 'Test', description: 'Test.', section: 'postgres', resources: [] },
        registry: { collectors: [hostile], samplers: [], surveys: [], derived: [], rules: [] },
        targets: () => [{ name: 'pg', source }],
      },
      {
        config: configSchema.parse({ listen, limits: { series_per_family: 100_000 } }),
        ...{ log: silentLogger, version: '1', stateDirectory: null, requestReload: () => Promise.resolve() },
      },
    );
    const scrapes = [{ job_name: 'fuzz', static_configs: [{ targets: [listen.database] }] }];
    const config = { global: { scrape_interval: '1s', scrape_timeout: '1s' }, scrape_configs: scrapes };
    // Of JSON that is YAML too.
    writeFileSync(join(folder, 'prometheus.yml'), JSON.stringify(config));
    const data = `--storage.tsdb.path=${join(folder, 'data')}`;
    const flags = [`--config.file=${join(folder, 'prometheus.yml')}`, data, `--web.listen-address=127.0.0.1:${theirs}`];
    prometheus = spawn('prometheus', [...flags, '--log.level=error'], { stdio: 'ignore' });
    api = `http://127.0.0.1:${theirs}/api/v1`;
    for (let i = 0; i < 600 && (await query('up{job="fuzz"} == 1')).length === 0; i += 1) {
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  });
  afterAll(async () => {
    const gone = new Promise((resolve) => prometheus.once('exit', resolve));
    prometheus.kill('SIGKILL');
    await Promise.all([gone, exporter.close()]);
    rmSync(folder, { recursive: true, force: true });
  });

  it('are the same names and values, each once, and nothing besides', async () => {
    const found = await query('fuzz_value');
    const read = new Map(found.map(({ metric, value }) => [metric.name ?? '', Number(value[1])]));
    expect(found).toHaveLength(expected.size);
    const wrong = [...expected].filter(
      ([name, value]) => !Object.is(read.get(name), value + 0) && read.get(name) !== value,
    );
    expect(wrong).toEqual([]);
    expect(
      found.flatMap(({ metric }) =>
        Object.keys(metric).filter((key) => !['__name__', 'instance', 'job', 'name'].includes(key)),
      ),
    ).toEqual([]);
  });

  it('stand apart where they are two, and in histograms and summaries', async () => {
    const distinct = new Set(
      awkward.map((name) => Buffer.from(name.slice(0, 256)).toString().replaceAll('\0', '\ufffd')),
    ).size;
    const counts = ['fuzz_two', 'fuzz_spread_seconds_count', 'fuzz_share_seconds{quantile="0.99"}'];
    const found = await Promise.all(counts.map((name) => query(`count(${name})`)));
    expect(found.map(([one]) => Number(one?.value[1]))).toEqual(counts.map(() => distinct));
    const [buckets] = await query('sum(fuzz_spread_seconds_bucket{le="+Inf"})');
    expect(Number(buckets?.value[1])).toBe(3 * distinct);
  });

  it('pass promtool, which has nothing to say of how they are written', async () => {
    const input = await (await fetch(`${exporter.url}/metrics`)).text();
    const { stderr, error } = spawnSync('promtool', ['check', 'metrics'], { input, encoding: 'utf8' });
    expect(error).toBeUndefined();
    expect(stderr).toBe('');
  });
});
