import { defineRule, type Finding } from '@submilli/core';
import { databases } from '../collectors/databases';
import { serversNeeded } from '../demand/demand';
import { peaks } from '../derived/peaks';
import { poolWindow } from '../samplers/pool-window';
import { CONSOLE, numberOf, textOf } from '../show';
import type { PoolFacts } from '../source';
import { iniLines, MOST_FINDINGS, quoted } from './ini';

/** A day, as the hour that a pool is made for comes once in it. */
const LONG_ENOUGH_SECONDS = 24 * 3600;
const FACTOR = 4;
const LEAST_SIZE = 50;
const HOUR = 3600;

type Inputs = {
  readonly databases: typeof databases;
  readonly peaks: typeof peaks;
  /** What the peaks are of: without it there are none, and the reason is its own. */
  readonly poolWindow: typeof poolWindow;
};

export const poolOversized = defineRule<PoolFacts, Inputs>({
  name: 'pool-oversized',
  title: 'A pool may open far more servers than it ever needed',
  signal: '`pool_size` against the most busy servers and waiting clients that were ever seen at once',
  threshold: `${FACTOR} times what that needs, from ${LEAST_SIZE} on, after ${LONG_ENOUGH_SECONDS / HOUR} h`,
  inputs: { databases, peaks, poolWindow },
  check: ({ databases: rows, peaks: { peaks: seen } }) => {
    const longest = Math.max(0, ...seen.map(({ watchedSeconds }) => watchedSeconds));
    if (longest < LONG_ENOUGH_SECONDS) {
      return {
        notEvaluated: `only ${Math.floor(longest / HOUR)} of ${LONG_ENOUGH_SECONDS / HOUR} h have been watched without a break`,
      };
    }
    return rows
      .filter((row) => textOf(row, 'name') !== CONSOLE)
      .flatMap((row): Finding[] => {
        const [name, size] = [textOf(row, 'name'), numberOf(row, 'pool_size') ?? 0];
        const peak = seen.find(({ database }) => database === name);
        // Nothing seen at all is a database that nobody uses, or not yet: no reason to size it.
        if (peak === undefined || peak.wanted === 0 || peak.watchedSeconds < LONG_ENOUGH_SECONDS) return [];
        const enough = serversNeeded(peak.wanted, 0, peak.wanted);
        if (size < LEAST_SIZE || size < FACTOR * enough) return [];
        return [
          {
            subject: name,
            severity: 'info',
            title: `A pool of ${name} may have ${size} servers, and never wanted more than ${peak.wanted}`,
            why: 'Unused room costs nothing until the server stalls: then all of it is opened at once, and the stall gets worse.',
            evidence: [
              { label: 'pool_size', value: size, unit: '' },
              { label: 'most busy and waiting at once', value: peak.wanted, unit: '' },
              { label: 'watched for', value: Number((peak.watchedSeconds / HOUR).toFixed(1)), unit: 'h' },
            ],
            action: iniLines(
              `; in [databases], on the line of ${quoted(name)}; not before a day with the most traffic was watched\n${quoted(name)} = … pool_size=${enough}`,
            ),
            impact: {
              ...{ what: 'servers that a stall can open', before: String(size), after: String(enough) },
              confidence: 'low',
              measured: 'the highest peak that SHOW POOLS showed, looked at now and then, and two standard deviations',
            },
          },
        ];
      })
      .slice(0, MOST_FINDINGS);
  },
});
