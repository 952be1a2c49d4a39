/**
 * What watching costs, ours and the peers' side by side: `npm run bench:watching`. The peers are Debian's packages; newer
 * ones are measured beside them when they are named: --postgres-exporter PATH, --pgbouncer-exporter PATH, or the
 * environment's POSTGRES_EXPORTER and PGBOUNCER_EXPORTER.
 */
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Part, runPart, say } from '../part';
import { rareSurveys } from './background';
import { keyOf } from './compare';
import { runAlone, runCycles } from './cycles';
import { measureEffect } from './effect';
import { hasStatements, pgbouncerExporter, postgresExporter } from './programs';
import { reportOf } from './report';
import { randomOf } from '../random';
import { ON_POOL, type Size, startTargets } from './targets';

type Extent = {
  readonly sizes: readonly Size[];
  readonly cycles: number;
  readonly intervalSeconds: number;
  readonly warmUpSeconds: number;
  readonly aloneSeconds: number;
  readonly rounds: number;
  readonly roundSeconds: number;
};

const FULL: Extent = {
  sizes: [
    { tables: 10, statements: 100, hasQueries: true },
    { tables: 1000, statements: 5000, hasQueries: true },
    { tables: 10_000, statements: 100, hasQueries: false },
  ],
  ...{ cycles: 16, intervalSeconds: 15, warmUpSeconds: 20, aloneSeconds: 4, rounds: 12, roundSeconds: 5 },
};

const QUICK: Extent = {
  sizes: FULL.sizes.filter(({ tables }) => tables < 10_000),
  ...{ cycles: 3, intervalSeconds: 8, warmUpSeconds: 5, aloneSeconds: 1, rounds: 3, roundSeconds: 2 },
};

const FLAGS = ['postgres-exporter', 'pgbouncer-exporter'] as const;

const sleep = (seconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1000 * seconds));

const measure = async (
  quick: boolean,
  given: Readonly<Partial<Record<(typeof FLAGS)[number], string>>>,
): Promise<Part> => {
  const extent = quick ? QUICK : FULL;
  const random = randomOf(1);
  const named = (path: string | undefined): string[] => (path === undefined ? [] : [path]);
  const peers = [
    'prometheus-postgres-exporter',
    ...named(given['postgres-exporter'] ?? process.env.POSTGRES_EXPORTER),
  ].map(postgresExporter);
  const poolPeers = [
    '/usr/bin/prometheus-pgbouncer-exporter',
    ...named(given['pgbouncer-exporter'] ?? process.env.PGBOUNCER_EXPORTER),
  ].map(pgbouncerExporter);
  const directory = await mkdtemp(join(tmpdir(), 'submilli-watching-'));
  await chmod(directory, 0o755);
  try {
    const targets = await startTargets({ sizes: extent.sizes, peers, poolPeers, directory, say });
    const { measured, alone } = await (async () => {
      try {
        say('warming up');
        await sleep(extent.warmUpSeconds);
        const { cycles, intervalSeconds } = extent;
        const measured = await runCycles({
          ...{ subjects: targets.subjects, cycles, intervalMs: 1000 * intervalSeconds, random, say },
        });
        const pool = targets.subjects.filter(({ on }) => on === ON_POOL);
        const found = await runAlone(pool, extent.aloneSeconds);
        return { measured, alone: new Map([...found].map(([subject, seconds]) => [keyOf(subject), seconds])) };
      } finally {
        await targets.stop();
      }
    })();
    const { rounds, roundSeconds: seconds } = extent;
    const effect = await measureEffect({ peers, rounds, seconds, directory, random, say });
    const accounting = { intervalSeconds: extent.intervalSeconds, surveys: rareSurveys(), alone, random };
    // Where a log was on this machine is of no use to a reader.
    const absent = targets.absent.map((who) => who.replace(/, see .*$/, ''));
    return reportOf({
      measured,
      effect,
      accounting,
      absent,
      how: howOf(
        extent,
        peers.map(({ name }) => name),
        peers.some(hasStatements),
        absent,
      ),
    });
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
};

const howOf = (
  { cycles, intervalSeconds, rounds, roundSeconds }: Extent,
  peers: readonly string[],
  statements: boolean,
  absent: readonly string[],
): string[] => [
  `PostgreSQL 15 and PgBouncer in transaction mode with 20 databases and 50 clients; beside ours ${peers.join(' and ')}. All exporters of all sizes run at the same time, each as a process and a role of its own.`,
  `${cycles} cycles of ${intervalSeconds} s: in each, every exporter is scraped once, in an order drawn anew, one after the other. With so few scrapes, P99 is the longest one.`,
  'Exporter CPU, database time and the CPU of its sessions are all that was spent in the cycle, divided by its one scrape: what ours do between scrapes (samplers, surveys) is in it. Surveys that come less often than once a minute are added by their share of one round.',
  'Database time is planning and execution as pg_stat_statements counts it for the exporter’s role; the CPU of its sessions is what the kernel counts for them; where connections were opened and closed within a cycle, it is not known. Of PgBouncer it is the CPU of its process: that of the scrape, and what a watcher makes it do while it watches alone.',
  'The same families: ours with compatibility: [postgres_exporter], limits.series_per_family: 20000 and all its own collectors, samplers and surveys off. postgres_exporter of Debian has tables only with the queries that come as an example with its package (pg_stat_user_tables, pg_statio_user_tables), newer ones by themselves. Of PgBouncer ours reads VERSION, STATS, POOLS, DATABASES, LISTS, CONFIG and CLIENTS, and does not look between scrapes.',
  statements
    ? 'Statements: ours at its defaults, which samples every 5 s; the peer with its collector stat_statements alone.'
    : 'Statements: this postgres_exporter has no collector of statements, and the example that comes with it is for PostgreSQL 12 and older; ours is measured alone.',
  `pgbench: TPC-B-like, 4 clients, ${rounds} rounds of ${roundSeconds} s for each watcher and for none, in random order after a checkpoint. Who does not watch is frozen, and is scraped for 2.5 s before its round, in which it makes up for what it owes: what ours do once a minute only is not in these figures, but in those above.`,
  'Ratios are of means, with the interval that holds 95 % of ratios when whole cycles or rounds are drawn again. A goal is met only if the whole interval is below it.',
  ...absent.map((who) => `Not measured: ${who}.`),
];

runPart(measure, FLAGS).catch((error: unknown) => {
  say(error instanceof Error ? (error.stack ?? error.message) : String(error));
  process.exitCode = 1;
});
