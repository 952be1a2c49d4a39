/**
 * How true the query exporter's latencies are, and what they cost: `npm run bench -- --only latency`. By each source,
 * against pgbench's own log of the same run, and against the server's log, read here once more.
 */
import type { LocalPostgres } from '@submilli/local-postgres';
import { type Part, runPart, say } from '../part';
import { measureOverhead } from './overhead';
import { causeTable, errorPlot, errorTable, goalsOf, overheadPlot, overheadTable, truthTable } from './report';
import { EVERYTHING, measureRun, measureSamplings, type Run, type Sampling } from './runs';
import { type Protocol, startServer } from './server';
import { shortRead, type Workload, workloads } from './workloads';

type Extent = {
  readonly samplings: readonly Sampling[];
  readonly seconds: number;
  /** Everything is logged, to see whose the time is. */
  readonly protocols: readonly (readonly [Workload, Protocol])[];
  readonly protocolSeconds: number;
  readonly rounds: number;
  readonly transactions: number;
};

/** A share as the manual advises, with all of the tail; and once without, to see what that buys. */
const samplings: readonly Sampling[] = [
  { rate: 0.1, hasTail: true },
  { rate: 0.01, hasTail: true },
  { rate: 0.01, hasTail: false },
];

const whole: Extent = {
  samplings,
  seconds: 22,
  protocols: [
    ...workloads.flatMap((workload) => (['extended', 'prepared'] as const).map((one) => [workload, one] as const)),
    ...(['simple', 'extended', 'prepared'] as const).map((one) => [shortRead, one] as const),
  ],
  protocolSeconds: 6,
  rounds: 3,
  transactions: 20_000,
};

const quick: Extent = {
  samplings: samplings.filter(({ rate }) => rate === 0.01),
  seconds: 4,
  protocols: [[shortRead, 'prepared']],
  protocolSeconds: 3,
  rounds: 1,
  transactions: 3000,
};

const measure = async (server: LocalPostgres, extent: Extent): Promise<Part> => {
  const sampled: Run[] = [];
  for (const workload of workloads) {
    sampled.push(...(await measureSamplings(server, workload, extent.samplings, extent.seconds)));
  }
  const split: Run[] = sampled.filter(({ rate }) => rate === 1);
  for (const [workload, protocol] of extent.protocols) {
    split.push((await measureRun(server, workload, protocol, EVERYTHING, 0, extent.protocolSeconds)).run);
  }
  const priced = await measureOverhead(server, extent.rounds, extent.transactions);
  return {
    part: 'latency',
    title: 'The truth of latency',
    how: [
      'PostgreSQL 18 with a jsonlog, pgbench on the same machine with a thread for each of its clients, and the query exporter as a process of its own, which reads the log and pg_stat_statements twice a second; what it says is what /api/v1/latency answers after the run.',
      'The truth is pgbench’s log of each transaction: from before it sends a statement until it has the answer. The server’s truth is its log, which the bench reads by itself: of runs that logged everything all of it, of those with a threshold the tail, whose quantiles the number of transactions tells.',
      `Workloads over the simple protocol: ${workloads.map(({ name, what, clients }) => `${name} (${what}, ${clients} clients)`).join('; ')}; ${extent.seconds} s each.`,
      'The tail begins where the exporter’s own advice has it: at the whole millisecond before P99, or, where too much would be logged from there on, at the one after it. Each source has a run of its own, the estimate the one that logged everything.',
      `Cost: processor time of the backends and of the logger from /proc, ${extent.rounds} rounds in random order of ${extent.transactions} SELECTs by primary key of each of two clients. Compared are runs of the same round; “off” is measured twice, and the difference of the two is noise.`,
    ],
    goals: goalsOf(sampled),
    tables: [errorTable(sampled), truthTable(sampled), causeTable(split), overheadTable(priced)],
    plots: [errorPlot(sampled), overheadPlot(priced)],
  };
};

runPart(async (isQuick) => {
  const server = await startServer();
  try {
    return await measure(server, isQuick ? quick : whole);
  } finally {
    await server.stop();
  }
}).catch((error: unknown) => {
  say(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
});
