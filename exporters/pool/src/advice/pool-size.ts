import { defineRule, type Finding } from '@submilli/core';
import { databases } from '../collectors/databases';
import { demandOf, serversNeeded } from '../demand/demand';
import { poolWindow } from '../samplers/pool-window';
import { CONSOLE, numberOf, textOf } from '../show';
import type { PoolFacts } from '../source';
import { iniLines, milliseconds } from './ini';

/** Waiting this part of the time that the work itself takes is worth a change. */
const WORTH_IT = 0.1;

export const poolSize = defineRule<PoolFacts, { databases: typeof databases; poolWindow: typeof poolWindow }>({
  name: 'pool-size',
  title: 'Clients wait because the pool is too small',
  signal: 'mean wait of a transaction for a server, against how long it keeps one (SHOW STATS, over the window)',
  threshold: `${WORTH_IT * 100} %, and fewer servers than Little’s law asks for`,
  inputs: { databases, poolWindow },
  check: ({ databases: rows, poolWindow: window }, { config }) => {
    const judged = rows
      .filter((row) => textOf(row, 'name') !== CONSOLE && textOf(row, 'pool_mode') !== 'session')
      .map((row) => ({ row, name: textOf(row, 'name'), demand: demandOf(window, textOf(row, 'name')) }));
    if (judged.every(({ demand }) => demand === undefined)) {
      return { notEvaluated: 'no traffic in the window (pools in session mode are not judged)' };
    }
    // A queue of a second says more about the second than about the pool.
    const covered = Math.max(...judged.map(({ demand }) => demand?.seconds ?? 0));
    if (covered < config.window_seconds / 2) {
      return { notEvaluated: `only ${Math.round(covered)} of ${config.window_seconds} s have been watched yet` };
    }
    return judged.flatMap(({ row, name, demand }): Finding[] => {
      const size = numberOf(row, 'pool_size');
      if (demand === undefined || size === null || size <= 0) return [];
      if (demand.waitSeconds < WORTH_IT * demand.serviceSeconds) return [];
      const share = Math.max(1, demand.users.length);
      const needed = serversNeeded(demand.busy / share, demand.waiting / share, Math.min(demand.peak, size));
      if (needed <= size) return [];
      return [
        {
          subject: name,
          severity: 'warning',
          title: `Transactions of ${name} wait ${milliseconds(demand.waitSeconds)} for a server on average; the pool should have ${needed}, not ${size}`,
          why: 'Every transaction that finds all servers busy stands in a queue: its latency is the wait and the work.',
          evidence: [
            { label: 'arrivals (λ)', value: Number(demand.arrivals.toFixed(1)), unit: 'transactions/s' },
            { label: 'service time (W)', value: Number((demand.serviceSeconds * 1000).toFixed(3)), unit: 'ms' },
            { label: 'busy servers on average (λW)', value: Number(demand.busy.toFixed(2)), unit: '' },
            { label: 'waiting clients on average', value: Number(demand.waiting.toFixed(2)), unit: '' },
            { label: 'mean wait', value: Number((demand.waitSeconds * 1000).toFixed(3)), unit: 'ms' },
            { label: 'pool_size', value: size, unit: '' },
            { label: 'pools with traffic', value: share, unit: '' },
            { label: 'over', value: Math.round(demand.seconds), unit: 's' },
          ],
          action: iniLines(
            `; in [databases], on the line of ${name}; the server must have room for it (max_connections)\n${name} = … pool_size=${needed}`,
          ),
          impact: {
            what: 'mean wait of a transaction',
            before: milliseconds(demand.waitSeconds),
            after: 'near zero, unless the server itself becomes the bottleneck',
            confidence: 'medium',
            measured: 'L = λW for servers and for the queue, and two standard deviations to spare',
          },
        },
      ];
    });
  },
});
