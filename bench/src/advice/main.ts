/**
 * Which indexes ours and supabase's index_advisor want for the same statements. Costs are HypoPG's, of generic plans, for
 * all; then the indexes are really built, and the statements really run, in rounds of random order. Whoever runs it fetches
 * the peer's one SQL file and names it: --index-advisor FILE. What another tool wants is given as --peer NAME=FILE, a file of CREATE INDEX statements (more of them after a comma), for one workload: --workload NAME; --sql DIR writes what such a tool needs to know.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startPostgres } from '@submilli/local-postgres';
import { loadParser } from '@submilli/query';
import { Client } from 'pg';
import { type Part, runPart, say } from '../part';
import { type Choice, installPeer, openSession, otherPeer, ours, peer, planned } from './contest';
import { films } from './films';
import { LONGEST_SECONDS, measure, realBytes } from './measure';
import { ANY, type Contest, goalsOf, NONE, noMoreThan, plotsOf, tableOf } from './result';
import { tpch } from './tpch';
import { warehouse } from './warehouse';
import { type BenchWorkload, load, reporting, trading } from './workload';

const FLAGS = ['index-advisor', 'peer', 'tpch', 'workload', 'sql', 'rounds', 'installation'] as const;

type Asked = {
  readonly installation: string;
  readonly indexAdvisor: string | undefined;
  readonly peers: readonly string[];
  readonly rounds: number;
  /** For ours, for each workload. */
  readonly seconds: number;
};

const ANY_STORAGE = 100e9;

const workloadsFor = (quick: boolean, tpchFolder: string | undefined): readonly BenchWorkload[] => [
  warehouse(quick ? 0.3 : 1),
  films(quick ? 0.3 : 1),
  trading(quick ? 0.1 : 0.3),
  reporting(quick ? 0.1 : 0.3),
  ...(tpchFolder === undefined ? [] : [tpch(tpchFolder)]),
];

const main = async (): Promise<void> => {
  await loadParser();
  await runPart(async (quick, given): Promise<Part> => {
    const workloads = workloadsFor(quick, given.tpch).filter(
      ({ name }) => given.workload === undefined || name === given.workload,
    );
    if (given.sql !== undefined) for (const bench of workloads) writeSql(given.sql, bench);
    const asked: Asked = {
      installation: given.installation ?? '/usr/lib/postgresql/15',
      ...{ indexAdvisor: given['index-advisor'], peers: given.peer?.split(',') ?? [] },
      rounds: Number(given.rounds ?? (quick ? 2 : 5)),
      seconds: quick ? 8 : 30,
    };
    const contests: Contest[] = [];
    for (const bench of workloads) contests.push(await contest(bench, asked));
    return {
      ...{ part: 'advice', title: 'Advice: indexes for the same statements', how: howOf(asked) },
      goals: goalsOf(contests, 'index_advisor'),
      tables: contests.map(tableOf),
      plots: plotsOf(contests),
    };
  }, FLAGS);
};

const contest = async (bench: BenchWorkload, asked: Asked): Promise<Contest> => {
  const server = await startPostgres({
    ...{ major: 15, installation: asked.installation, settings: { autovacuum: 'off' } },
  });
  try {
    const client = new Client(server.clientConfig());
    await client.connect();
    const { session: own, close } = await openSession(server);
    try {
      say(`${bench.name}: loading`);
      await client.query('CREATE EXTENSION hypopg');
      await load(client, bench);
      const choices: Choice[] = [{ name: NONE, definitions: [], explains: null, seconds: null }];
      const { seconds } = asked;
      const peers = asked.peers.map(otherPeer);
      if (asked.indexAdvisor !== undefined) {
        await installPeer(client, asked.indexAdvisor);
        peers.unshift(await peer(client, bench));
      }
      for (const theirs of peers) {
        const bytes = await realBytes(client, theirs.definitions);
        choices.push(theirs, await ours(own, bench, noMoreThan(theirs.name), { storageBytes: bytes, seconds }));
      }
      choices.push(await ours(own, bench, ANY, { storageBytes: ANY_STORAGE, seconds }));
      for (const { name, definitions } of choices) say(`${bench.name}, ${name}: ${definitions.join('; ')}`);
      // All by the same statistics: building indexes takes new ones.
      const plans = new Map<Choice, Contest['entries'][number]['planned']>();
      for (const choice of choices) plans.set(choice, await planned(own, bench, choice.definitions));
      const measured = await measure(client, bench, choices, asked.rounds);
      return {
        ...{ workload: bench.name, title: bench.title },
        entries: choices.flatMap((choice) => {
          const [plan, took] = [plans.get(choice), measured.get(choice.name)];
          return plan === undefined || took === undefined ? [] : [{ choice, planned: plan, measured: took }];
        }),
      };
    } finally {
      await close();
      await client.end();
    }
  } finally {
    await server.stop();
  }
};

const howOf = ({ rounds, indexAdvisor, seconds }: Asked): readonly string[] => [
  'PostgreSQL 15 with HypoPG from Debian, a new server for each workload; every table has its primary key and nothing else.',
  indexAdvisor === undefined
    ? 'supabase’s index_advisor was not given (`--index-advisor FILE`), so ours stands beside no advice only.'
    : `supabase’s index_advisor (0.2.0, PostgreSQL licence, one SQL file) is asked for each statement by itself, and all that it wants is built. Ours is asked for the workload, with at most 5,000 plans and ${seconds} seconds, and has no more room than the peer’s indexes really took.`,
  'Costs are the planner’s, of generic plans with hypothetical indexes, relative to those without an index: less is better. Σ calls · cost counts every call alike, the geometric mean every statement.',
  `Then the indexes are really built and the statements really run, with the same values for all, in ${rounds} rounds, each in random order. Run time is that of an hour of the workload; a statement that takes longer than ${LONGEST_SECONDS} s is ended and counted as that.`,
];

/** For a tool that has to be asked by itself: the tables, and the statements one by one. */
const writeSql = (folder: string, { name, schema, statements }: BenchWorkload): void => {
  const own = join(folder, name);
  mkdirSync(own, { recursive: true });
  writeFileSync(join(own, 'schema.sql'), `${schema.join(';\n')};\n`);
  writeFileSync(join(own, 'statements.sql'), `${statements.map(({ text }) => text).join(';\n\n')};\n`);
};

main().catch((error: unknown) => {
  say(error instanceof Error ? (error.stack ?? error.message) : String(error));
  process.exitCode = 1;
});
