import { severities, type Severity } from '../rule';
import type { Finding, Report } from '../run';
import { excerptOf } from './excerpt';

export type Paint = (text: string, style: Severity | 'bold' | 'dim') => string;

const CODES: Readonly<Record<Parameters<Paint>[1], string>> = {
  ...{ error: '31', warning: '33', info: '36', bold: '1', dim: '2' },
};

/** Colours where somebody looks who can see them, and has not asked for none (NO_COLOR). */
export const paintFor = (isTerminal: boolean, environment: Readonly<Record<string, string | undefined>>): Paint =>
  isTerminal && (environment.NO_COLOR ?? '') === '' && environment.TERM !== 'dumb'
    ? (text, style) => `\x1b[${CODES[style]}m${text}\x1b[0m`
    : (text) => text;

const WIDE = 100;

/** Text in lines that can be read, the later ones below the first. */
const wrapped = (head: string, text: string): string[] => {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > WIDE) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line].map((one, i) => `  ${i === 0 ? head : '   '} ${one}`);
};

/** A finding; why it matters and what to do only where that was not just said. */
const findingText = (finding: Finding, isFirst: boolean, paint: Paint): string => {
  const { place, line, column, severity, rule, says, see, edits } = finding;
  return [
    `${paint(`${place.source.path}:${line}:${column}`, 'bold')} ${paint(severity, severity)} ${says} ${paint(`[${rule.id}]`, 'dim')}`,
    ...excerptOf(finding).map((text) => `  ${text}`),
    ...see.map((other) => `  ${other.place.source.path}:${other.line}:${other.column} ${other.says}`),
    ...(isFirst ? wrapped(paint('why', 'dim'), rule.why) : []),
    ...(isFirst ? wrapped(paint('fix', 'dim'), `${rule.fix}${edits.length === 0 ? '' : ' [--fix]'}`) : []),
  ].join('\n');
};

const plural = (count: number, one: string): string => `${count} ${one}${count === 1 ? '' : 's'}`;

export const countsOf = (findings: readonly Finding[]): Readonly<Record<Severity, number>> => {
  const count = (severity: Severity): number => findings.filter((one) => one.severity === severity).length;
  return { error: count('error'), warning: count('warning'), info: count('info') };
};

/** What somebody reads who has to mend it: the gravest last, where the eye is when it is done. */
export const terminalReport = ({ findings, suppressed, files }: Report, paint: Paint): string => {
  const ordered = findings.toSorted((a, b) => severities.indexOf(b.severity) - severities.indexOf(a.severity));
  const counts = countsOf(findings);
  const looked = `${plural(files.length, 'file')} looked at`;
  const silenced = suppressed.length === 0 ? '' : `, ${suppressed.length} silenced with a reason`;
  const fixable = findings.filter(({ edits }) => edits.length > 0).length;
  const offer = fixable === 0 ? '' : ` --fix shows what can be done about ${fixable} of them.`;
  const sum =
    findings.length === 0
      ? `${looked}: nothing to say${silenced}.`
      : `${looked}: ${plural(counts.error, 'error')}, ${plural(counts.warning, 'warning')}, ${counts.info} to consider${silenced}.${offer}`;
  const texts = ordered.map((finding, i) =>
    findingText(finding, ordered.findIndex(({ rule }) => rule === finding.rule) === i, paint),
  );
  return [...texts, sum].join('\n\n');
};
