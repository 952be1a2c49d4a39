import { defineRule, type Finding } from '@submilli/core';
import { databases } from '../collectors/databases';
import { isSessionPooled, pools } from '../collectors/pools';
import { demandOf, meanHeldOf, serversNeeded } from '../demand/demand';
import { poolWindow } from '../samplers/pool-window';
import { CONSOLE, textOf } from '../show';
import type { PoolFacts } from '../source';
import { iniLines, MOST_FINDINGS, quoted } from './ini';

/** So many servers held for one that works are worth a look. */
const HELD_FACTOR = 4;
const LEAST_SERVERS = 10;

export const sessionPooling = defineRule<
  PoolFacts,
  { databases: typeof databases; pools: typeof pools; poolWindow: typeof poolWindow }
>({
  name: 'session-pooling',
  title: 'Session pooling holds servers that do nothing',
  signal: 'servers linked to clients, against those in a transaction by Little’s law (λ × W), in session mode',
  threshold: `${HELD_FACTOR} times as many, and at least ${LEAST_SERVERS}`,
  inputs: { databases, pools, poolWindow },
  check: ({ databases: rows, pools: poolRows, poolWindow: window }, { config }) => {
    const inSession = rows.filter(
      (row) => textOf(row, 'name') !== CONSOLE && isSessionPooled(poolRows, textOf(row, 'name')),
    );
    return inSession
      .flatMap((row): Finding[] => {
        const database = textOf(row, 'name');
        const demand = demandOf(window, database);
        if (demand === undefined || demand.seconds < config.window_seconds / 2) return [];
        const held = meanHeldOf(window, database);
        if (held < LEAST_SERVERS || held < HELD_FACTOR * demand.busy) return [];
        const [shown, working] = [Math.round(held), Number(demand.busy.toFixed(2))];
        return [
          {
            subject: database,
            severity: 'info',
            title: `Sessions of ${database} hold ${shown} servers, of which ${working} work on average`,
            why: 'In session mode a server belongs to its client until that disconnects; in transaction mode it serves others in between.',
            evidence: [
              { label: 'servers linked to clients, on average', value: Number(held.toFixed(1)), unit: '' },
              { label: 'servers in a transaction, on average (λW)', value: working, unit: '' },
              { label: 'arrivals (λ)', value: Number(demand.arrivals.toFixed(1)), unit: 'transactions/s' },
              { label: 'over', value: Math.round(demand.seconds), unit: 's' },
            ],
            action: iniLines(
              `; in [databases], for applications that keep nothing in their session: no SET, LISTEN, advisory locks,\n; temporary tables, or cursors held over transactions\n${quoted(database)} = … pool_mode=transaction`,
            ),
            impact: {
              what: 'server connections held',
              before: String(shown),
              after: `about ${serversNeeded(demand.busy, 0, 0)}`,
              confidence: 'medium',
              measured: 'L = λW from SHOW STATS against the servers that SHOW POOLS had as active',
            },
          },
        ];
      })
      .slice(0, MOST_FINDINGS);
  },
});
