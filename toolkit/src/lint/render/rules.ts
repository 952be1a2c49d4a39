import { chapters } from '../catalogue';
import type { Rule } from '../rule';

const inFull = (rule: Rule): string => {
  const shown = rule.bad.files
    .map(({ name, text }) => `  ${name}\n${text.trimEnd().replaceAll(/^/gm, '    ')}`)
    .join('\n');
  return [
    `${rule.id} (${rule.severity}${rule.fixable ? ', --fix can mend it' : ''}): ${rule.title}`,
    `why     ${rule.why}`,
    `fix     ${rule.fix}`,
    `source  ${rule.source}`,
    `found in\n${shown}`,
  ].join('\n\n');
};

/** The catalogue as a list, or rules in full. */
export const rulesReport = (shown: readonly Rule[], isFull: boolean, json: boolean): string => {
  if (json) {
    return JSON.stringify(
      shown.map(({ id, severity, title, kinds, source, why, fix, fixable }) => ({
        id,
        severity,
        title,
        kinds,
        source,
        why,
        fix,
        fixable,
      })),
      null,
      2,
    );
  }
  if (isFull) return shown.map(inFull).join('\n\n');
  const width = Math.max(...shown.map(({ id }) => id.length));
  return chapters
    .map(({ title, rules }) =>
      [title, ...rules.map((rule) => `  ${rule.id.padEnd(width)}  ${rule.severity.padEnd(7)}  ${rule.title}`)].join(
        '\n',
      ),
    )
    .join('\n\n');
};
