import type { Alert, Level } from './define';
import { annotationsOf } from './rules-file';

const BEGIN = '<!-- From the definition of the alert, by `npm run generate`: -->';
const END = '<!-- What follows is written by hand. -->';

/** What Prometheus fills in is shown by its name. */
const readable = (text: string): string =>
  text.replaceAll(/\{\{[^}]*\$labels\.(\w+)[^}]*\}\}/g, '`$1`').replaceAll(/\{\{[^}]*\$value[^}]*\}\}B?/g, '`value`');

const levelLine = ({ severity, for: wait, labels, description }: Level): string => {
  const which = Object.entries(labels ?? {}).map(([label, value]) => `, ${label} ${value}`);
  return `- **${severity}**${which.join('')}, ${wait === '0m' ? 'at once' : `after ${wait}`}: ${readable(description)}`;
};

const expression = ({ severity, expr }: Level): string => `\`\`\`promql\n# ${severity}\n${expr}\n\`\`\``;

/** The head of a runbook: what would go stale if it were written by hand. */
export const headerOf = (alert: Alert): string => {
  const [first] = alert.levels;
  if (first === undefined) throw new Error(`${alert.name} has no level`);
  const { dashboard_url, advice_url } = annotationsOf({ ...alert, by: [] }, first);
  const links = [
    `[Dashboard](${dashboard_url})`,
    ...(advice_url === undefined ? [] : [`[Advice](${advice_url})`]),
    '[How to run the commands](../README.md#runbooks)',
  ];
  return [
    BEGIN,
    `> ${readable(alert.summary)}`,
    alert.levels.map(levelLine).join('\n'),
    links.join(' · '),
    '<details>\n<summary>What Prometheus asks</summary>',
    ...alert.levels.map(expression),
    '</details>',
    END,
  ].join('\n\n');
};

/** The sections of a runbook, in their order. */
export const sections = ['Meaning', 'Impact', 'Diagnosis', 'Mitigation'] as const;

const bare = ({ name }: Alert): string => `# ${name}\n\n${sections.map((title) => `## ${title}\n`).join('\n')}`;

/** A runbook with its head as it is now; one that is yet to be written has nothing but titles. */
export const runbookText = (alert: Alert, text: string = bare(alert)): string => {
  const title = `# ${alert.name}\n\n`;
  const end = text.indexOf(END);
  const written = end < 0 ? text.slice(text.indexOf('\n')) : text.slice(end + END.length);
  return `${title}${headerOf(alert)}\n\n${written.trimStart()}`;
};
