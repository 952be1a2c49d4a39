import { execFile } from 'node:child_process';
import { Problem } from '@submilli/core';
import { type Backups, parseInfo } from './info';

/** How pgBackRest is reached for a cluster: `clusters: backup` of the configuration. */
export type PgBackRest = {
  readonly program: string;
  readonly config: string;
  readonly stanza: string;
};

/** What every call of pgBackRest begins with. */
export const commonArguments = ({ config, stanza }: PgBackRest): readonly string[] => [
  `--config=${config}`,
  `--stanza=${stanza}`,
];

/** Of what it printed, the lines that name an error, without its time stamps. */
const reasonOf = (printed: string, otherwise: string): string => {
  const lines = printed.split('\n').map((line) => line.trim());
  const at = lines.findIndex((line) => line.includes('ERROR:'));
  return at < 0
    ? otherwise
    : lines
        .slice(at, at + 2)
        .join(' ')
        .replace(/^.*ERROR: \[\d+\]: /, '');
};

/** Asks for the backups of a stanza. Bounded by `ms`. Throws a problem that says what pgBackRest said. */
export const backupsOf = (target: PgBackRest, ms: number): Promise<Backups> =>
  new Promise((resolve, reject) => {
    const args = [...commonArguments(target), 'info', '--output=json', '--log-level-console=off'];
    const where = `${target.program} (${target.config})`;
    const options = { timeout: ms, maxBuffer: 32 * 1024 * 1024, env: { PATH: '/usr/bin:/bin', LC_ALL: 'C.UTF-8' } };
    execFile(target.program, args, options, (error, stdout, stderr) => {
      if (error !== null) return reject(failed(error, stderr, where, ms));
      try {
        const found = parseInfo(stdout, target.stanza);
        if (found !== undefined) return resolve(found);
        const what = `pgBackRest knows no stanza ${target.stanza}`;
        return reject(
          new Problem('missing', { what, where, hint: `Make it: pgbackrest --stanza=${target.stanza} stanza-create` }),
        );
      } catch (cause) {
        return reject(
          new Problem('other', { what: 'pgBackRest answered what is no information about backups', where, cause }),
        );
      }
    });
  });

type ExecError = Error & { readonly code?: number | string | null; readonly killed?: boolean };

const failed = (error: ExecError, stderr: string, where: string, ms: number): Problem => {
  if (error.code === 'ENOENT') {
    return new Problem('missing', { what: 'pgBackRest is not installed where the exporter runs', where, cause: error });
  }
  if (error.killed === true) {
    return new Problem('timeout', { what: `pgBackRest gave no answer within ${ms} ms`, where, cause: error });
  }
  const hint = 'Can the account that runs this read the configuration and the repositories?';
  return new Problem('other', {
    what: `pgBackRest failed: ${reasonOf(stderr, error.message)}`,
    where,
    hint,
    cause: error,
  });
};
