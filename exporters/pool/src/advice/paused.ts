import { defineRule, type Finding } from '@submilli/core';
import { databases } from '../collectors/databases';
import { CONSOLE, numberOf, textOf } from '../show';
import type { PoolFacts } from '../source';
import { onConsole } from './ini';

export const paused = defineRule<PoolFacts, { databases: typeof databases }>({
  name: 'paused',
  title: 'A database is held up by hand',
  signal: '`paused` and `disabled` of SHOW DATABASES',
  threshold: 'any',
  inputs: { databases },
  check: ({ databases: rows }) =>
    rows
      .filter((row) => textOf(row, 'name') !== CONSOLE)
      .flatMap((row): Finding[] => {
        const name = textOf(row, 'name');
        const how = numberOf(row, 'disabled') === 1 ? 'disabled' : numberOf(row, 'paused') === 1 ? 'paused' : undefined;
        if (how === undefined) return [];
        return [
          {
            subject: name,
            severity: 'warning',
            title: `${name} is ${how}`,
            why:
              how === 'paused'
                ? 'Its clients wait until somebody resumes it, or until query_wait_timeout throws them out.'
                : 'New clients of it are refused.',
            evidence: [{ label: how, value: 1, unit: '' }],
            action: onConsole(how === 'paused' ? `RESUME ${name};` : `ENABLE ${name};`),
            impact: {
              ...{ what: 'clients of this database', before: how, after: 'served', confidence: 'high' },
              measured: 'SHOW DATABASES',
            },
          },
        ];
      }),
});
