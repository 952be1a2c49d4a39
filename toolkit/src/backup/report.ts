import type { BackupVerification } from '@submilli/core';
import { type BackupProblem, type Backups, type Repository, restorableSince, windowSince } from '@submilli/ha';

const bytes = (size: number): string => {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  const power = size < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(size) / 10));
  return `${(size / 1024 ** power).toFixed(power === 0 ? 0 : 1)} ${units[power]}`;
};

const age = (seconds: number): string => {
  if (seconds < 120) return `${Math.round(seconds)} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  return seconds < 172_800 ? `${(seconds / 3600).toFixed(1)} h` : `${(seconds / 86_400).toFixed(1)} d`;
};

const time = (seconds: number): string => `${new Date(seconds * 1000).toISOString().slice(0, 19)}Z`;

const ofRepository = (one: Repository, now: number): string[] => {
  const head = `Repository ${one.key}${one.encrypted ? ', encrypted' : ', NOT encrypted'}`;
  if (one.problem !== null) return [`${head}: ${one.problem}`];
  const since = restorableSince(one);
  const list = one.backups.slice(-5).map((backup) => {
    const took = age(backup.stop - backup.start);
    const mark = backup.damaged ? '  DAMAGED' : '';
    return `  ${backup.label.padEnd(34)} ${age(now - backup.stop).padStart(8)} ago  took ${took.padStart(6)}  ${bytes(backup.bytes)}, stored ${bytes(backup.repositoryBytes)}${mark}`;
  });
  const more = one.backups.length > 5 ? [`  … and ${one.backups.length - 5} older`] : [];
  return [
    `${head}: ${since === null ? 'nothing to restore' : `any moment since ${time(since)}`}; newest WAL ${one.newestWal ?? 'none'}`,
    ...list,
    ...more,
  ];
};

export const verificationText = (one: BackupVerification): string[] => [
  `${one.ok ? 'Verified' : 'FAILED'}: repository ${one.repository}, restored to ${one.target} in ${(one.restoreSeconds + one.recoverySeconds).toFixed(1)} s (${bytes(one.bytes)}; files ${one.restoreSeconds.toFixed(1)} s, WAL ${one.recoverySeconds.toFixed(1)} s), looked at in ${one.checkSeconds.toFixed(1)} s`,
  ...one.checks.map(({ name, ok, detail }) => `  ${ok ? '✓' : '✗'} ${name}: ${detail}`),
];

/** What `submilli backup status` prints. */
export const statusText = (
  backups: Backups,
  verifications: readonly BackupVerification[] | undefined,
  problems: readonly BackupProblem[],
  now: number,
): string => {
  const since = windowSince(backups);
  const last = verifications?.at(-1);
  return [
    `Backups of ${backups.stanza}, PostgreSQL ${backups.postgres ?? 'unknown'}: ${since === null ? 'nothing can be restored' : `${age(now - since)} of moments to restore`}`,
    ...backups.repositories.flatMap((one) => ['', ...ofRepository(one, now)]),
    '',
    ...(last === undefined ? ['No restore was ever rehearsed: submilli backup verify'] : verificationText(last)),
    ...(problems.length === 0
      ? []
      : [
          '',
          ...problems.map(
            ({ severity, what, remedy }) => `${severity === 'critical' ? '✗' : '!'} ${what}\n  → ${remedy}`,
          ),
        ]),
  ].join('\n');
};
