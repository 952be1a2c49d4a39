import { SubmilliError } from '@submilli/core';
import { version } from '../version';
import { contextOf } from './context';
import { includedFile, readGiven, type Given } from './files/read';
import { isFile, usualFiles } from './files/usual';
import { fixesOf } from './fix';
import { jsonReport } from './render/json';
import { sarifReport } from './render/sarif';
import { paintFor, terminalReport } from './render/terminal';
import type { Severity } from './rule';
import { isAtLeast, lint, type Report } from './run';
import type { FileKind } from './scene';
import { writeFixed } from './write';

export type Asked = {
  readonly files: readonly string[];
  readonly kind?: FileKind;
  readonly memory?: number;
  readonly cpus?: number;
  readonly disk?: 'ssd' | 'hdd';
  readonly openFiles: number;
  readonly patroniVersion?: string;
  readonly pgbouncerVersion: string;
  readonly postgresqlVersion?: number;
  readonly failOn: Severity | 'never';
  readonly ignore: readonly string[];
  readonly fix: boolean;
  readonly write: boolean;
  readonly config: string;
  /** And what runs, of the configuration's targets. */
  readonly live: boolean;
  readonly json: boolean;
  readonly sarif: boolean;
  readonly stdin: () => string;
};

const givenBy = (asked: Asked, live: readonly Given[]): Given[] => {
  const paths = asked.files.length > 0 ? asked.files : usualFiles(asked.config, '.');
  const given = readGiven(paths, asked.kind, asked.stdin);
  if (given.length + live.length === 0) {
    throw new SubmilliError({
      what: 'there is no configuration file here that I know',
      where: paths.length === 0 ? '.' : paths.join(' '),
      hint: 'Name the files, or a folder with them: submilli lint /etc/pgbouncer /etc/patroni',
    });
  }
  return [...given, ...live];
};

/** Where only other files are named, Submilli's own says all the same for which machine and versions they are. */
const configuredBy = ({ config, stdin }: Asked, given: readonly Given[]): readonly Given[] =>
  given.some(({ kind }) => kind === 'submilli') || !isFile(config) ? [] : readGiven([config], 'submilli', stdin);

/** Does what the command line asks for, and returns the exit status. `live`: what was found of what runs. */
export const performLint = (asked: Asked, live: readonly Given[] = []): number => {
  if (asked.write && !asked.fix)
    throw new SubmilliError({ what: '--write goes with --fix', hint: 'Look at what --fix alone shows first.' });
  const given = givenBy(asked, live);
  const context = contextOf(
    {
      ...{ memoryMb: asked.memory, cpus: asked.cpus, disk: asked.disk, openFiles: asked.openFiles },
      ...{ patroni: asked.patroniVersion, pgbouncer: asked.pgbouncerVersion, postgresql: asked.postgresqlVersion },
    },
    [...given, ...configuredBy(asked, given)],
  );
  const all = lint(given, context, includedFile);
  const report: Report = { ...all, findings: all.findings.filter(({ rule }) => !asked.ignore.includes(rule.id)) };
  if (asked.fix) showFixes(report, asked.write);
  else console.log(textOf(report, asked));
  const { failOn } = asked;
  return failOn !== 'never' && report.findings.some(({ severity }) => isAtLeast(severity, failOn)) ? 1 : 0;
};

const textOf = (report: Report, { json, sarif }: Asked): string =>
  sarif
    ? sarifReport(report, version, process.cwd())
    : json
      ? jsonReport(report)
      : terminalReport(report, paintFor(process.stdout.isTTY, process.env));

const showFixes = (report: Report, write: boolean): void => {
  const fixes = fixesOf(report.findings);
  for (const { diff } of fixes) process.stdout.write(diff);
  if (fixes.length === 0) console.error('There is nothing that can be mended by itself.');
  for (const fixed of write ? fixes : []) {
    if (fixed.source.path === '<stdin>')
      throw new SubmilliError({ what: 'standard input cannot be written to', where: '-' });
    writeFixed(fixed);
    console.error(`Written: ${fixed.source.path} (${fixed.rules.join(', ')})`);
  }
  if (fixes.length > 0 && !write) console.error('Nothing was written; --write does it.');
};
