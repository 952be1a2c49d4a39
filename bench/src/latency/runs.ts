import { setTimeout as sleep } from 'node:timers/promises';
import type { LocalPostgres } from '@submilli/local-postgres';
import { recommendSampling, tailFromMs } from '@submilli/query';
import { say } from '../part';
import { startExporter, type Told } from './exporter';
import { LOAD, logSince, logSize, logStatements, type Protocol, runLoad } from './server';
import { clientSeconds, QUANTILES, quantilesOf, statementSeconds, type Step, stepsOf } from './truth';
import type { Workload } from './workloads';

/** What is logged: a share of all statements, and whether all of the tail. */
export type Sampling = { readonly rate: number; readonly hasTail: boolean };

/** In seconds, in the order of `QUANTILES`; nothing where it isn't known. */
export type Quantiles = readonly (number | undefined)[];

export type Run = Sampling & {
  readonly workload: string;
  readonly protocol: Protocol;
  readonly statements: number;
  readonly lines: number;
  /** What clients measured. */
  readonly clients: Quantiles;
  /** All that the server's log has of a statement: with the steps before its execution. Known where all of it is logged. */
  readonly server: Quantiles;
  /** What the exporter's figures are about: executions, and whole statements of the simple protocol. */
  readonly executed: Quantiles;
  /** What the exporter says of them, with the bounds that it gives. */
  readonly log: Quantiles;
  readonly bounds: readonly (readonly [low: number, high: number] | undefined)[];
  readonly estimate: Quantiles;
  readonly exporterSeconds: number;
};

/** All is logged where the share is 1: there the tail needs no threshold. */
export const EVERYTHING: Sampling = { rate: 1, hasTail: false };

/** @param thresholdMs of the tail, which is known once everything has been logged of a workload */
export const measureRun = async (
  server: LocalPostgres,
  workload: Workload,
  protocol: Protocol,
  { rate, hasTail }: Sampling,
  thresholdMs: number,
  seconds: number,
): Promise<{ readonly run: Run; readonly durations: readonly number[] }> => {
  say(
    `${workload.name}, ${protocol}: ${rate * 100} % of statements${hasTail ? ` and all from ${thresholdMs} ms` : ''}`,
  );
  await logStatements(server, { rate, thresholdMs: hasTail ? thresholdMs : null });
  const exporter = await startExporter(server);
  try {
    const before = { log: logSize(server), cpu: exporter.cpuSeconds() };
    const clients = clientSeconds(await runLoad(server, workload, protocol, ['-T', String(seconds)]));
    const told = await exporter.tells(clients.length);
    const exporterSeconds = exporter.cpuSeconds() - before.cpu;
    // The logger is a process of its own: what backends have sent it is in the file a moment later.
    await sleep(200);
    const steps = stepsOf(await logSince(server, before.log), LOAD);
    const known = knownOf(steps, clients.length, rate === 1 ? 0 : hasTail ? thresholdMs / 1000 : Infinity);
    const run = {
      ...{ workload: workload.name, protocol, rate, hasTail, statements: clients.length, lines: steps.length },
      ...{ clients: quantilesOf(clients), ...known, ...toldOf(told), exporterSeconds },
    };
    return { run, durations: steps.filter(({ ends }) => ends).map((step) => step.seconds) };
  } finally {
    await exporter.stop();
  }
};

/** Of what is logged from a duration on without exception, the longest are known, and how many there are in all. */
export const knownOf = (steps: readonly Step[], all: number, from: number): Pick<Run, 'server' | 'executed'> => {
  const ends = steps.filter((step) => step.ends && step.seconds >= from).map((step) => step.seconds);
  const executed = quantilesOf(ends, all);
  const isWhole = steps.every((step) => step.ends);
  const whole = from === 0 ? quantilesOf(statementSeconds(steps), all) : isWhole ? executed : [];
  return { executed, server: QUANTILES.map((_, i) => whole[i]) };
};

const toldOf = ({ log, estimate }: Told): Pick<Run, 'log' | 'bounds' | 'estimate'> => {
  const logged = QUANTILES.map((q) => log?.quantiles.find(({ quantile }) => quantile === q));
  return {
    log: logged.map((one) => one?.seconds),
    bounds: logged.map((one) => (one === undefined ? undefined : ([one.low, one.high] as const))),
    estimate: QUANTILES.map((q) => estimate?.quantiles.find(({ quantile }) => quantile === q)?.seconds),
  };
};

const NOTHING_LOGGED = { threshold: null, sampleFrom: null, rate: 1, transactions: 0, everything: false };

/** Where the tail begins according to the advice of the exporter, had it seen all of these. */
export const adviseThresholdMs = (durations: readonly number[], seconds: number): number => {
  const p99 = quantilesOf(durations)[QUANTILES.indexOf(0.99)] ?? NaN;
  const from = tailFromMs(p99) / 1000;
  const linesPerSecond = durations.filter((duration) => duration >= from).length / seconds;
  const advice = recommendSampling(NOTHING_LOGGED, durations.length / seconds, { p99, linesPerSecond });
  if (advice === undefined) throw new Error('the exporter advises nothing where nothing is logged');
  return advice.thresholdMs;
};

/** Everything first, which tells where the tail begins. */
export const measureSamplings = async (
  server: LocalPostgres,
  workload: Workload,
  samplings: readonly Sampling[],
  seconds: number,
): Promise<readonly Run[]> => {
  const { run, durations } = await measureRun(server, workload, 'simple', EVERYTHING, 0, seconds);
  const thresholdMs = adviseThresholdMs(durations, seconds);
  const runs = [run];
  for (const sampling of samplings) {
    runs.push((await measureRun(server, workload, 'simple', sampling, thresholdMs, seconds)).run);
  }
  return runs;
};
