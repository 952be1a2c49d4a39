import type { Family, Line } from './families';

export const CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** Families as Prometheus text format 0.0.4 (https://prometheus.io/docs/instrumenting/exposition_formats/). */
export const serialise = (families: readonly Family[]): string => families.map(textOf).join('');

/** Of a family that is shown again as it was, the text is as well. */
const texts = new WeakMap<Family, string>();

const textOf = (family: Family): string => {
  const known = texts.get(family);
  if (known !== undefined) return known;
  const text = familyText(family);
  texts.set(family, text);
  return text;
};

// Joined, not added up: a text of many small pieces is put together anew by whoever sends it.
const familyText = ({ metric, lines }: Family): string =>
  `# HELP ${metric.name} ${escapeHelp(metric.help)}\n# TYPE ${metric.name} ${metric.type}\n${lines.map(lineText).join('')}`;

const lineText = ({ name, labels, value }: Line): string =>
  labels === '' ? `${name} ${value}\n` : `${name}{${labels}} ${value}\n`;

const escapeHelp = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
