import { alertThresholds } from '@submilli/catalogue';
import type { BackupVerification } from '@submilli/core';
import { type Backups, restorableSince } from './info';

/** Something about backups that is not as it should be, said to people. */
export type BackupProblem = {
  readonly id: string;
  readonly severity: 'critical' | 'warning';
  readonly what: string;
  readonly remedy: string;
};

const hours = (seconds: number): string => `${(seconds / 3600).toFixed(1)} h`;
const days = (seconds: number): string => `${(seconds / 86_400).toFixed(1)} days`;

/** What a person who relies on these backups should know. `now` in seconds since 1970; no verifications: none are kept. */
export const backupProblems = (
  { repositories }: Backups,
  verifications: readonly BackupVerification[] | undefined,
  now: number,
): BackupProblem[] => {
  const { backupStaleSeconds, backupUnverifiedSeconds } = alertThresholds;
  const found: BackupProblem[] = [];
  const say = (id: string, severity: BackupProblem['severity'], what: string, remedy: string): void => {
    found.push({ id, severity, what, remedy });
  };
  for (const { key, problem, encrypted, backups } of repositories) {
    const where = `repository ${key}`;
    if (problem !== null) {
      const remedy = /^\[(?:Format|Crypto)Error\]/.test(problem)
        ? `Is repo${key}-cipher-pass the passphrase it was made with? If so, its files are damaged.`
        : 'pgbackrest check says more.';
      say(`unusable-${key}`, 'critical', `${where} cannot be used: ${problem}`, remedy);
      continue;
    }
    const last = backups.at(-1);
    if (last === undefined)
      say(`empty-${key}`, 'critical', `${where} has no backup`, `pgbackrest --repo=${key} --type=full backup`);
    else if (now - last.stop > backupStaleSeconds) {
      say(
        `stale-${key}`,
        'critical',
        `the last backup of ${where} ended ${hours(now - last.stop)} ago`,
        'Look why the schedule did not run.',
      );
    }
    if (backups.some(({ damaged }) => damaged)) {
      say(
        `damaged-${key}`,
        'critical',
        `a backup of ${where} has pages with a wrong checksum`,
        'Check the disk of the server it came from; pg_amcheck, then a new full backup.',
      );
    }
    if (!encrypted)
      say(
        `plain-${key}`,
        'warning',
        `${where} is not encrypted`,
        `repo${key}-cipher-type=aes-256-cbc, in a new stanza: a stanza keeps the cipher it was made with.`,
      );
  }
  if (repositories.length === 1)
    say('single', 'warning', 'there is one repository only', 'Add a second one elsewhere: repo2-…');
  const good = verifications?.findLast(({ ok }) => ok);
  const last = verifications?.at(-1);
  if (last?.ok === false) {
    const failed = last.checks.filter(({ ok }) => !ok).map(({ name }) => name);
    say(
      'verification',
      'critical',
      `the last rehearsal of a restore failed: ${failed.join(', ') || 'it did not finish'}`,
      'submilli backup verify',
    );
  }
  if (
    verifications !== undefined &&
    (good === undefined || now - Date.parse(good.at) / 1000 > backupUnverifiedSeconds)
  ) {
    const ago = good === undefined ? 'never' : `${days(now - Date.parse(good.at) / 1000)} ago`;
    say('unverified', 'warning', `a restore was last rehearsed with success: ${ago}`, 'submilli backup verify');
  }
  return found;
};

/** How far back any moment can be restored, by the best repository; null: none can. */
export const windowSince = ({ repositories }: Backups): number | null => {
  const all = repositories.flatMap((one) => (one.problem === null ? (restorableSince(one) ?? []) : []));
  return all.length === 0 ? null : Math.min(...all);
};
