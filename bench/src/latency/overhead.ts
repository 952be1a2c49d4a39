import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LocalPostgres } from '@submilli/local-postgres';
import { median } from '../median';
import { say } from '../part';
import { shuffled } from '../random';
import { logStatements, type Protocol, runLoad } from './server';
import { shortRead } from './workloads';

/** Processor time of one statement, in microseconds. */
export type Cost = { readonly backend: number; readonly logger: number };

/** A share of statements that is logged (null: no statement at all), and what they cost in each round. */
export type Priced = {
  readonly name: string;
  readonly protocol: Protocol;
  readonly rate: number | null;
  readonly costs: readonly Cost[];
};

const PROTOCOLS = ['prepared', 'simple'] as const;

/** "off" is there twice: what lies between the two is the noise. */
export const RATES = [
  { name: 'off', rate: null },
  { name: 'off, again', rate: null },
  { name: '0.1 %', rate: 0.001 },
  { name: '1 %', rate: 0.01 },
  { name: '10 %', rate: 0.1 },
  { name: '100 %', rate: 1 },
] as const;

const CLIENTS = 2;
const THRESHOLD_MS = 5;
/** Of the clock that /proc counts in. */
const TICKS_PER_SECOND = 100;

/** Rounds of random order, so that what else the machine does hits all alike. */
export const measureOverhead = async (
  server: LocalPostgres,
  rounds: number,
  transactions: number,
): Promise<readonly Priced[]> => {
  const cases = PROTOCOLS.flatMap((protocol) => RATES.map((one) => ({ ...one, protocol, costs: [] as Cost[] })));
  for (let round = 1; round <= rounds; round += 1) {
    say(`what logging costs, round ${round} of ${rounds}`);
    for (const one of shuffled(cases, Math.random))
      one.costs.push(await costOf(server, one.protocol, one.rate, transactions));
  }
  return cases;
};

const costOf = async (
  server: LocalPostgres,
  protocol: Protocol,
  rate: number | null,
  transactions: number,
): Promise<Cost> => {
  await logStatements(server, { rate, thresholdMs: rate === null ? null : THRESHOLD_MS });
  const postmaster = server.pid();
  if (postmaster === undefined) throw new Error('the server is gone');
  const logger = loggerOf(postmaster);
  const before = { all: cpuOf(postmaster).children, logger: cpuOf(logger).own };
  await runLoad(server, { ...shortRead, clients: CLIENTS }, protocol, ['-t', String(transactions)]);
  // A backend's time is its postmaster's once it has ended.
  await sleep(300);
  const perStatement = (seconds: number): number => (seconds * 1e6) / (transactions * CLIENTS);
  return {
    backend: perStatement(cpuOf(postmaster).children - before.all),
    logger: perStatement(cpuOf(logger).own - before.logger),
  };
};

/** utime and stime, and those of children that have ended, in seconds. */
const cpuOf = (pid: number): { own: number; children: number } => {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = text
    .slice(text.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  const [user = 0, system = 0, childUser = 0, childSystem = 0] = fields.slice(11, 15);
  return { own: (user + system) / TICKS_PER_SECOND, children: (childUser + childSystem) / TICKS_PER_SECOND };
};

const loggerOf = (postmaster: number): number => {
  const found = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .find((pid) => {
      try {
        return (
          readFileSync(`/proc/${pid}/cmdline`, 'utf8').startsWith('postgres: logger') &&
          Number(/^PPid:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) === postmaster
        );
      } catch {
        return false;
      }
    });
  if (found === undefined) throw new Error('the server has no logger process');
  return Number(found);
};

/** What a statement costs more than without logging in the same round, in percent: the median of rounds, and their span. */
export const moreThan = (
  priced: Pick<Priced, 'costs'>,
  off: Pick<Priced, 'costs'>,
): { readonly median: number; readonly least: number; readonly most: number } => {
  const ratios = priced.costs.map(({ backend }, round) => (backend / (off.costs[round]?.backend ?? NaN) - 1) * 100);
  return { median: median(ratios), least: Math.min(...ratios), most: Math.max(...ratios) };
};
