import type { CollectorStatus } from '@submilli/core';
import type { CheckedTarget } from './check';

/** What a grant, an extension or a setting would bring; another version or role is just how things are. */
const REPAIRABLE: readonly (string | null)[] = ['privilege', 'extension'];

/** Whether somebody should act: a target down, a failure, or something skipped that can be repaired. */
export const needsAttention = (targets: readonly CheckedTarget[]): boolean =>
  targets.some(
    ({ up, collectors }) =>
      !up ||
      collectors.some(
        ({ state, reason }) => state === 'failed' || (state === 'skipped' && REPAIRABLE.includes(reason)),
      ),
  );

/** The check as people read it in a terminal. */
export const checkReport = (targets: readonly CheckedTarget[]): string =>
  targets.length === 0
    ? 'The configuration has no targets: add entries under postgres, pgbouncer or clusters.'
    : targets.map(targetReport).join('\n\n');

const targetReport = (target: CheckedTarget): string => {
  const head = `${target.exporter} · ${target.address}`;
  if (!target.up) {
    return [
      `${head}: DOWN`,
      `  ${target.reason ?? 'no answer'}`,
      ...(target.remedy === null ? [] : [`  → ${target.remedy}`]),
    ].join('\n');
  }
  const width = Math.max(...target.collectors.map(({ name }) => name.length));
  return [`${head}${factsText(target.facts)}`, ...target.collectors.flatMap((c) => collectorLines(c, width))].join(
    '\n',
  );
};

const factsText = (facts: CheckedTarget['facts']): string => {
  const known = ['version', 'versionNumber', 'role', 'user', 'database']
    .map((key) => [key, facts?.[key]] as const)
    .filter(([, value]) => typeof value === 'string' || typeof value === 'number')
    .map(([key, value]) => `${key === 'versionNumber' ? 'version' : key} ${String(value)}`);
  return known.length === 0 ? '' : `: ${known.join(', ')}`;
};

const marks = { ok: '✓', failed: '✗', skipped: '–', pending: '?' } as const;

const collectorLines = ({ name, source, state, detail, remedy }: CollectorStatus, width: number): string[] => [
  `  ${marks[state]} ${name.padEnd(width)}  ${detail ?? source}`,
  ...(remedy === null ? [] : [`    ${' '.repeat(width)}→ ${remedy}`]),
];
