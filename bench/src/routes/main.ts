/**
 * What each way to the primary costs at a fault: `npm run bench:routes -- --state DIR`, on a stack that runs with
 * --routes and without a workload. Clients write on all routes at once, so that each fault is the same for all of them.
 * Faults are `submilli drill`'s, but for the switchover, which is Patroni's alone: the drill would pause the pool for it.
 */
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs, promisify } from 'node:util';
import { Client, type ClientConfig } from 'pg';
import { type Outcome, type Route, startWriters } from './writers';

const { values } = parseArgs({
  options: {
    state: { type: 'string', default: '.stack' },
    runs: { type: 'string', default: '3' },
    every: { type: 'string', default: '40' },
    kinds: { type: 'string', default: 'switchover,postmaster-kill,node-loss,hang,patroni-kill' },
  },
});

const bin = join(__dirname, '..', '..', '..', 'toolkit', 'bin', 'submilli.js');
const say = (line: string): void => void process.stderr.write(`${line}\n`);
const secret = (name: string): string => readFileSync(join(values.state, 'secrets', name), 'utf8').trim();

type Recorded = { services: { name: string; endpoints: { what: string; url: string }[] }[] };

/** Where the stack's services take connections, by what they say they are. */
const placesOf = (what: RegExp): ClientConfig[] => {
  const { services } = JSON.parse(readFileSync(join(values.state, 'state.json'), 'utf8')) as Recorded;
  // A proxy shows the certificate of whoever it leads to.
  const ssl = { ca: readFileSync(join(values.state, 'certs', 'ca.crt')), checkServerIdentity: () => undefined };
  return services
    .flatMap(({ endpoints }) => endpoints)
    .filter((endpoint) => endpoint.url.startsWith('postgresql:') && what.test(endpoint.what))
    .map(({ url }) => ({ host: new URL(url).hostname, port: Number(new URL(url).port), database: 'grandmodel', ssl }));
};

const asWriter = (place: ClientConfig): ClientConfig => ({ ...place, user: 'trading', password: secret('app') });

const routes = (): Route[] => {
  const ways: readonly [string, RegExp][] = [
    ['pool, observer', /^PgBouncer$/],
    ['pool, callback', /callback/],
    ['HAProxy', /^HAProxy, primary/],
    ['pool, then HAProxy', /^PgBouncer, behind it HAProxy/],
    ['HAProxy, then pool', /^HAProxy, the pool beside/],
    ['multi-host', /^PostgreSQL \d/],
  ];
  return ways.map(([name, what]) => {
    const places = placesOf(what).map(asWriter);
    if (places.length === 0) throw new Error(`the stack has no ${name}: start it with --routes`);
    return { name, places };
  });
};

/** Whoever takes writes makes the table; it is dropped in the end. */
const onPrimary = async (sql: string): Promise<void> => {
  for (const place of placesOf(/^PostgreSQL \d/)) {
    const client = new Client({ ...place, user: 'postgres', password: secret('superuser') });
    await client.connect();
    try {
      const { rows } = await client.query<{ standby: boolean }>('SELECT pg_catalog.pg_is_in_recovery() AS standby');
      if (rows[0]?.standby === false) return void (await client.query(sql));
    } finally {
      await client.end();
    }
  }
  throw new Error('no member takes writes');
};

type DrillReport = { runs: { startedAt: string; fault: { from: number } }[] };

/** The standby has to be synchronous again. */
const PAUSE_MS = 15_000;

const switchovers = async (runs: number): Promise<number[]> => {
  const began: number[] = [];
  for (let i = 0; i < runs; i += 1) {
    await sleep(PAUSE_MS);
    began.push(Date.now());
    const config = join(values.state, 'patroni', 'patronictl.yml');
    await promisify(execFile)('patronictl', ['-c', config, 'switchover', 'grandmodel', '--force']);
  }
  await sleep(PAUSE_MS);
  return began;
};

/** Its report is read from where it is kept. */
const drills = async (kind: string, runs: number): Promise<number[]> => {
  const args = ['drill', kind, '--runs', String(runs), '--yes', '--state', values.state];
  await promisify(execFile)(process.execPath, [bin, ...args], { maxBuffer: 1 << 28 }).catch((error: unknown) =>
    say(`submilli drill ${kind}: ${error instanceof Error ? error.message : String(error)}`),
  );
  const folder = join(values.state, 'exporters', 'drills');
  const newest = readdirSync(folder)
    .filter((name) => name.endsWith(`-${kind}.json`))
    .sort()
    .at(-1);
  if (newest === undefined) throw new Error(`submilli drill ${kind} has no report`);
  const { runs: done } = JSON.parse(readFileSync(join(folder, newest), 'utf8')) as DrillReport;
  return done.map(({ startedAt, fault }) => Date.parse(startedAt) + fault.from * 1000);
};

type Cost = { readonly seconds: number; readonly errors: number };

const BEFORE_MS = 300;
const AFTER_MS = 14_000;

/** The longest time without an acknowledged write that begins soon after the fault, and the errors from then on. */
const costOf = ({ acknowledged, failed }: Outcome, began: number): Cost => {
  const inWindow = (at: number): boolean => at > began - BEFORE_MS && at < began + AFTER_MS;
  const gaps = acknowledged.flatMap((at, i) =>
    inWindow(acknowledged[i - 1] ?? 0) ? [at - (acknowledged[i - 1] ?? at)] : [],
  );
  return { seconds: Math.max(0, ...gaps) / 1000, errors: failed.filter(inWindow).length };
};

const median = (list: readonly number[]): number => list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)] ?? NaN;

const cellOf = (costs: readonly Cost[]): string => {
  const seconds = costs.map((cost) => cost.seconds);
  const [low, mid, high] = [Math.min(...seconds), median(seconds), Math.max(...seconds)].map((one) => one.toFixed(1));
  return `${mid} (${low}–${high}) · ${median(costs.map(({ errors }) => errors))}`;
};

const main = async (): Promise<void> => {
  const all = routes();
  await onPrimary('CREATE TABLE IF NOT EXISTS public.routes (id bigserial PRIMARY KEY, route text NOT NULL)');
  await onPrimary('GRANT INSERT ON public.routes TO trading; GRANT USAGE ON public.routes_id_seq TO trading');
  const lines = [
    `| fault | ${all.map(({ name }) => name).join(' | ')} |`,
    `| --- |${all.map(() => ' --- |').join('')}`,
  ];
  try {
    for (const kind of values.kinds.split(',')) {
      const writers = startWriters(all, Number(values.every));
      const cause = kind === 'switchover' ? switchovers : (n: number) => drills(kind, n);
      let began: number[];
      let outcomes: ReadonlyMap<string, Outcome>;
      try {
        began = await cause(Number(values.runs));
        await sleep(AFTER_MS);
      } finally {
        outcomes = await writers.stop();
      }
      const cells = all.map(({ name }) => {
        const outcome = outcomes.get(name) ?? { acknowledged: [], failed: [] };
        return cellOf(began.map((at) => costOf(outcome, at)));
      });
      lines.push(`| ${kind} | ${cells.join(' | ')} |`);
      say(lines.at(-1) ?? '');
    }
  } finally {
    await onPrimary('DROP TABLE public.routes');
  }
  process.stdout.write(`${lines.join('\n')}\n`);
};

main().catch((error: unknown) => {
  say(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
});
