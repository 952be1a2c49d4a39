/**
 * What a scrape of a big server costs, ours and postgres_exporter's side by side: `npm run bench:scale`.
 * Scrapes are interleaved in one run on one machine, so read the ratios, not the times.
 */
import { parseArgs } from 'node:util';
import { supportedMajors } from '@submilli/local-postgres';
import { databaseSeconds, type Size, startBigServer } from './big-server';
import { startOurs, startPeer, type Watcher } from './watchers';

type Round = {
  readonly seconds: number;
  readonly database: number;
  readonly cpu: number;
  readonly series: number;
  readonly bytes: number;
};

const { values } = parseArgs({
  options: {
    major: { type: 'string', default: '17' },
    tables: { type: 'string', default: '10000' },
    databases: { type: 'string', default: '200' },
    sessions: { type: 'string', default: '2' },
    statements: { type: 'string', default: '5000' },
    rounds: { type: 'string', default: '20' },
    json: { type: 'boolean', default: false },
  },
});

const size = (): Size => {
  const major = supportedMajors.find((known) => String(known) === values.major);
  if (major === undefined) throw new Error(`--major: one of ${supportedMajors.join(', ')}`);
  return {
    major,
    tables: Number(values.tables),
    databases: Number(values.databases),
    sessionsPerDatabase: Number(values.sessions),
    statements: Number(values.statements),
  };
};

const say = (text: string): void => void process.stderr.write(`${text}\n`);
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Series as Prometheus counts them; process and Node self-metrics of either side are left out. */
const seriesIn = (text: string): number =>
  text.split('\n').filter((line) => line !== '' && !/^(#|process_|nodejs_|go_|promhttp_)/.test(line)).length;

const main = async (): Promise<void> => {
  const { server, stop } = await startBigServer(size(), say);
  const watchers: Watcher[] = [];
  try {
    watchers.push(await startOurs(server, 'database'), await startOurs(server, 'query'), await startPeer(server));
    say('warming up');
    for (const watcher of watchers) await (await fetch(watcher.url)).arrayBuffer();
    await sleep(15_000);
    const rounds = new Map<string, Round[]>(watchers.map(({ name }) => [name, []]));
    for (let i = 0; i < Number(values.rounds); i += 1) {
      for (const watcher of watchers) {
        const before = { database: await databaseSeconds(server, watcher.role), cpu: watcher.cpuSeconds() };
        const started = performance.now();
        const text = await (await fetch(watcher.url)).text();
        const seconds = (performance.now() - started) / 1000;
        rounds.get(watcher.name)?.push({
          seconds,
          database: (await databaseSeconds(server, watcher.role)) - before.database,
          cpu: watcher.cpuSeconds() - before.cpu,
          series: seriesIn(text),
          bytes: text.length,
        });
        await sleep(200);
      }
    }
    report(watchers, rounds);
  } finally {
    await Promise.all(watchers.map((watcher) => watcher.stop()));
    await stop();
  }
};

const quantile = (numbers: readonly number[], q: number): number => {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? NaN;
};
const mean = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0) / numbers.length;

const report = (watchers: readonly Watcher[], rounds: ReadonlyMap<string, readonly Round[]>): void => {
  const rows = watchers.map((watcher) => {
    const mine = rounds.get(watcher.name) ?? [];
    const of = (key: keyof Round): number[] => mine.map((round) => round[key]);
    return {
      exporter: watcher.name,
      scrapeP50Ms: 1000 * quantile(of('seconds'), 0.5),
      scrapeP99Ms: 1000 * quantile(of('seconds'), 0.99),
      databaseMs: 1000 * mean(of('database')),
      cpuMs: 1000 * mean(of('cpu')),
      memoryMb: watcher.memoryMb(),
      series: mean(of('series')),
      kilobytes: mean(of('bytes')) / 1000,
    };
  });
  if (values.json) {
    process.stdout.write(`${JSON.stringify({ size: size(), rows }, null, 2)}\n`);
    return;
  }
  const columns = Object.keys(rows[0] ?? {}) as (keyof (typeof rows)[number])[];
  const cell = (value: string | number): string => (typeof value === 'number' ? value.toFixed(1) : value);
  const lines = [
    `| ${columns.join(' | ')} |`,
    `|${columns.map(() => ' --- ').join('|')}|`,
    ...rows.map((row) => `| ${columns.map((column) => cell(row[column])).join(' | ')} |`),
  ];
  process.stdout.write(`${JSON.stringify(size())}\n\n${lines.join('\n')}\n`);
};

main().catch((error: unknown) => {
  say(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
});
