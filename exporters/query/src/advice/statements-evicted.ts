import { defineRule, type PostgresFacts } from '@submilli/core';
import { statements } from '../samplers/statements';
import type { StatementsState } from '../statements/state';

const RECENT_SECONDS = 3600;
/** Fewer that look alike are no reason for it. */
const ALIKE = 20;

/** QRY10: entries are thrown out, and with them what they counted. */
export const statementsEvicted = defineRule<PostgresFacts, { statements: typeof statements }>({
  name: 'statements-evicted',
  title: 'pg_stat_statements throws out statements for want of room',
  signal: 'pg_stat_statements_info.dealloc',
  threshold: 'any in the last hour',
  inputs: { statements },
  check: ({ statements: state }) => {
    const { last, evictedAt, evictions, watchedSeconds } = state;
    if (last === null || watchedSeconds === 0)
      return { notEvaluated: 'pg_stat_statements has not been read twice yet' };
    const { limit, now } = last.info;
    if (evictedAt === null || evictedAt < now - RECENT_SECONDS) return [];
    const alike = largestFamily(state);
    const utilities = [...last.entries.values()].filter(({ queryid }) => state.types.get(queryid) === 'utility').length;
    return [
      {
        subject: 'pg_stat_statements.max',
        severity: 'warning',
        title: `pg_stat_statements threw out entries ${evictions} times while it was watched`,
        why: 'Each time the least used twentieth goes, with all it had counted, while everybody who runs a statement waits. What comes back is new: its time is missing in every ranking.',
        evidence: [
          { label: 'evictions seen', value: evictions, unit: '' },
          { label: 'watched', value: Math.round(watchedSeconds), unit: 'seconds' },
          { label: 'entries now', value: last.entries.size, unit: '' },
          { label: 'pg_stat_statements.max', value: limit, unit: '' },
          { label: 'utility statements among them', value: utilities, unit: '' },
          {
            label: 'most that differ in nothing but the length of lists, or in tables of the same name',
            value: alike,
            unit: '',
          },
        ],
        action: {
          kind: 'sql',
          text: [
            ...(alike >= ALIKE
              ? [
                  '-- First: lists of values of any length are one statement if they are an array: = ANY ($1) in place of IN ($1, $2, …).',
                  '-- Temporary tables are new tables each time: create them once per session.',
                ]
              : []),
            ...(utilities > limit / 4
              ? [
                  '-- Utility statements take much of the room: ALTER SYSTEM SET pg_stat_statements.track_utility = off;',
                ]
              : []),
            `ALTER SYSTEM SET pg_stat_statements.max = ${2 * limit};`,
            '-- then restart the server',
          ].join('\n'),
          ...{ reversible: true, lock: null, needsRestart: true },
        },
        impact: {
          what: 'entries that fit',
          before: String(limit),
          after: String(2 * limit),
          confidence: alike >= ALIKE ? 'medium' : 'high',
          measured: 'pg_stat_statements_info.dealloc; about 1 kB of shared memory per entry',
        },
      },
    ];
  },
});

/** How many statements have the same text when lists of parameters count as one. */
const largestFamily = ({ texts }: StatementsState): number => {
  const families = new Map<string, number>();
  for (const { text } of texts.looks.values()) {
    if (text === null) continue;
    const family = text.replaceAll(/\$\d+/g, '$').replaceAll(/\$(?:, ?\$)+/g, '$');
    families.set(family, (families.get(family) ?? 0) + 1);
  }
  return [...families.values()].reduce((most, count) => Math.max(most, count), 0);
};
