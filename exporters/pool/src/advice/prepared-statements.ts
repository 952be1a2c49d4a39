import { defineRule } from '@submilli/core';
import { limits, settingsOf } from '../collectors/limits';
import { pools } from '../collectors/pools';
import { CONSOLE, numberOf, textOf } from '../show';
import type { PoolFacts } from '../source';
import { versionNumberOf } from '../version';
import { iniLines, onConsole } from './ini';

const FIRST = '1.21';

export const preparedStatements = defineRule<PoolFacts, { limits: typeof limits; pools: typeof pools }>({
  name: 'prepared-statements',
  title: 'Prepared statements do not survive the pool',
  signal: '`pool_mode`, `max_prepared_statements`, PgBouncer’s version',
  threshold: 'transaction or statement pooling with 0, or before 1.21',
  inputs: { limits, pools },
  check: ({ limits: rows, pools: poolRows }, { facts }) => {
    const settings = settingsOf(rows);
    // A database or a user can have a mode of its own, which only SHOW POOLS tells.
    const own = poolRows.filter((row) => textOf(row, 'database') !== CONSOLE).map((row) => textOf(row, 'pool_mode'));
    const mode = [...own, textOf(settings, 'pool_mode')].find(
      (candidate) => candidate !== '' && candidate !== 'session',
    );
    if (mode === undefined) return [];
    const has = facts.versionNumber >= versionNumberOf(FIRST);
    const allowed = numberOf(settings, 'max_prepared_statements') ?? 0;
    if (has && allowed > 0) return [];
    return [
      {
        subject: 'max_prepared_statements',
        severity: 'info',
        title: has
          ? `Prepared statements are off in ${mode} pooling`
          : `PgBouncer ${facts.version} cannot keep prepared statements in ${mode} pooling`,
        why: 'A driver that prepares fails when its next transaction gets another server; one that does not is parsed and planned anew each time.',
        evidence: [
          { label: 'pool_mode', value: mode, unit: '' },
          { label: 'version', value: facts.version, unit: '' },
          { label: 'max_prepared_statements', value: has ? allowed : 'not in this version', unit: '' },
        ],
        action: has ? iniLines('max_prepared_statements = 200') : onConsole(`# upgrade PgBouncer to ${FIRST} or newer`),
        impact: {
          ...{ what: 'parsing and planning per execution', before: 'each time', after: 'once per server connection' },
          ...{ confidence: 'medium', measured: 'read from SHOW CONFIG; what it saves depends on the statements' },
        },
      },
    ];
  },
});
