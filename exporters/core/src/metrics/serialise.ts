import type { Family, Line } from './families';

export const CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** Families as Prometheus text format 0.0.4 (https://prometheus.io/docs/instrumenting/exposition_formats/). */
export const serialise = (families: readonly Family[]): string => families.map(familyText).join('');

const familyText = ({ metric, lines }: Family): string =>
  `# HELP ${metric.name} ${escapeHelp(metric.help)}\n# TYPE ${metric.name} ${metric.type}\n${lines.map(lineText).join('')}`;

const lineText = ({ name, labels, value }: Line): string => {
  if (labels.length === 0) return `${name} ${value}\n`;
  return `${name}{${labels.map(([key, text]) => `${key}="${escapeLabel(text)}"`).join(',')}} ${value}\n`;
};

const escapeHelp = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');

const escapeLabel = (text: string): string =>
  /[\\"\n]/.test(text) ? text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n') : text;
