import { severities, type Severity } from '../rule';
import type { Finding, Report } from '../run';
import { excerptOf } from './excerpt';

export type Paint = (text: string, style: Severity | 'bold' | 'dim') => string;

const CODES: Readonly<Record<Parameters<Paint>[1], string>> = {
  error: '31',
  warning: '33',
  info: '36',
  bold: '1',
  dim: '2',
};

/** Colours where somebody looks who can see them, and has not asked for none (NO_COLOR). */
export const paintFor = (isTerminal: boolean, environment: Readonly<Record<string, string | undefined>>): Paint =>
  isTerminal && (environment.NO_COLOR ?? '') === '' && environment.TERM !== 'dumb'
    ? (text, style) => `\x1b[${CODES[style]}m${text}\x1b[0m`
    : (text) => text;

const findingText = (finding: Finding, paint: Paint): string => {
  const { place, line, column, severity, rule, says, see, edit } = finding;
  return [
    `${paint(`${place.source.path}:${line}:${column}`, 'bold')} ${paint(severity, severity)} ${says} ${paint(`[${rule.id}]`, 'dim')}`,
    ...excerptOf(finding).map((text) => `  ${text}`),
    ...see.map((other) => `  ${other.place.source.path}:${other.line}:${other.column} ${other.says}`),
    `  ${paint('why', 'dim')} ${rule.why}`,
    `  ${paint('fix', 'dim')} ${rule.fix}${edit === undefined ? '' : paint(' (--fix does it)', 'dim')}`,
  ].join('\n');
};

const plural = (count: number, one: string): string => `${count} ${one}${count === 1 ? '' : 's'}`;

export const countsOf = (findings: readonly Finding[]): Readonly<Record<Severity, number>> => {
  const count = (severity: Severity): number => findings.filter((one) => one.severity === severity).length;
  return { error: count('error'), warning: count('warning'), info: count('info') };
};

/** What somebody reads who has to mend it: the gravest last, where the eye is when it is done. */
export const terminalReport = ({ findings, suppressed, files }: Report, paint: Paint): string => {
  const byWeight = findings.toSorted((a, b) => severities.indexOf(b.severity) - severities.indexOf(a.severity));
  const counts = countsOf(findings);
  const looked = `${plural(files.length, 'file')} looked at`;
  const silenced = suppressed.length === 0 ? '' : `, ${suppressed.length} silenced with a reason`;
  const fixable = findings.filter(({ edit }) => edit !== undefined).length;
  const sum =
    findings.length === 0
      ? `${looked}: nothing to say${silenced}.`
      : `${looked}: ${plural(counts.error, 'error')}, ${plural(counts.warning, 'warning')}, ${counts.info} to consider${silenced}.${fixable === 0 ? '' : ` --fix shows what it can do about ${fixable} of them.`}`;
  return [...byWeight.map((finding) => findingText(finding, paint)), sum].join('\n\n');
};
