import { defineRule, type Finding } from '@submilli/core';
import { databases } from '../collectors/databases';
import { pools } from '../collectors/pools';
import { CONSOLE, numberOf, textOf } from '../show';
import type { PoolFacts } from '../source';
import { MOST_FINDINGS, onConsole, quoted } from './ini';

export const paused = defineRule<PoolFacts, { databases: typeof databases; pools: typeof pools }>({
  name: 'paused',
  title: 'A database is held up by hand',
  signal: '`paused` and `disabled` of SHOW DATABASES',
  threshold: 'any',
  inputs: { databases, pools },
  check: ({ databases: rows, pools: poolRows }) =>
    rows
      .filter((row) => textOf(row, 'name') !== CONSOLE)
      .flatMap((row): Finding[] => {
        const name = textOf(row, 'name');
        const isPaused = numberOf(row, 'paused') === 1;
        const isDisabled = numberOf(row, 'disabled') === 1;
        if (!isPaused && !isDisabled) return [];
        const how = [...(isPaused ? ['paused'] : []), ...(isDisabled ? ['disabled'] : [])].join(' and ');
        const waiting = poolRows
          .filter((pool) => textOf(pool, 'database') === name)
          .reduce((sum, pool) => sum + (numberOf(pool, 'cl_waiting') ?? 0), 0);
        return [
          {
            subject: name,
            severity: waiting > 0 ? 'critical' : 'warning',
            title: `${name} is ${how}${waiting > 0 ? `, and ${waiting} clients wait` : ''}`,
            why: isPaused
              ? 'Its clients wait until somebody resumes it, or until query_wait_timeout throws them out.'
              : 'New clients of it are refused.',
            evidence: [
              { label: how, value: 1, unit: '' },
              { label: 'waiting clients', value: waiting, unit: '' },
            ],
            action: onConsole(
              [
                ...(isDisabled ? [`ENABLE ${quoted(name)};`] : []),
                ...(isPaused ? [`RESUME ${quoted(name)};`] : []),
              ].join('\n'),
            ),
            impact: {
              ...{ what: 'clients of this database', before: how, after: 'served', confidence: 'high' },
              measured: 'SHOW DATABASES, SHOW POOLS',
            },
          },
        ];
      })
      .slice(0, MOST_FINDINGS),
});
