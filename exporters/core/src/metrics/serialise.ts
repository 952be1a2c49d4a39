import type { Family, Line } from './families';

export const CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** Families as Prometheus text format 0.0.4 (https://prometheus.io/docs/instrumenting/exposition_formats/). */
export const serialise = (families: readonly Family[]): string => {
  let text = '';
  for (const { metric, lines } of families) {
    text += `# HELP ${metric.name} ${escapeHelp(metric.help)}\n# TYPE ${metric.name} ${metric.type}\n`;
    for (const line of lines) text += lineText(line);
  }
  return text;
};

const lineText = ({ name, labels, value }: Line): string =>
  labels === '' ? `${name} ${value}\n` : `${name}{${labels}} ${value}\n`;

const escapeHelp = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
