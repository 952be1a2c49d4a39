import { type BackupVerification, defineSampler, type Emitters, gauge, Problem, type Sample } from '@submilli/core';
import { backupTypes, type Backups, type Repository, restorableSince } from '../backup/info';
import { backupsOf } from '../backup/pgbackrest';
import { readVerifications } from '../backup/verified';
import type { ClusterSession } from '../session/cluster-session';

export type BackupData = {
  readonly backups: Backups;
  /** Nothing where no file for them is configured. */
  readonly verifications: readonly BackupVerification[] | undefined;
};

const byRepository = ['repository'] as const;
const byType = ['repository', 'backup_type'] as const;

const metrics = {
  up: gauge('db_backup_repository_up', 'Whether pgBackRest can use the repository (1) or not (0).', byRepository),
  encrypted: gauge(
    'db_backup_repository_encrypted',
    'Whether the repository is encrypted (1) or not (0).',
    byRepository,
  ),
  count: gauge('db_backup_backups', 'Backups in the repository, by type: full, diff, incr.', byType),
  last: gauge(
    'db_backup_last_timestamp_seconds',
    'When the last backup of this type ended; absent where there is none.',
    byType,
  ),
  duration: gauge('db_backup_last_duration_seconds', 'How long the last backup of this type took.', byType),
  bytes: gauge(
    'db_backup_last_database_bytes',
    'Size of the database that the last backup of this type restores.',
    byType,
  ),
  stored: gauge(
    'db_backup_last_repository_bytes',
    'What the last backup of this type alone takes, compressed.',
    byType,
  ),
  damaged: gauge(
    'db_backup_damaged',
    'Backups in whose files pgBackRest found pages with a wrong checksum.',
    byRepository,
  ),
  since: gauge(
    'db_backup_restorable_since_timestamp_seconds',
    'The first moment that can be restored: the end of the oldest full backup.',
    byRepository,
  ),
  verified: gauge(
    'db_backup_verified_timestamp_seconds',
    'When a restore was last rehearsed with success (`submilli backup verify`); absent where it never was.',
  ),
  verification: gauge('db_backup_verification_success', 'Whether the last rehearsal succeeded (1) or failed (0).'),
  restore: gauge(
    'db_backup_restore_seconds',
    'How long the last successful rehearsal took until the server took connections.',
  ),
} as const;

const nothingRead: BackupData = { backups: { stanza: '', postgres: null, repositories: [] }, verifications: undefined };

const INTERVAL_SECONDS = 60;

/** Where the repositories lie in an object store, an answer takes seconds. */
const LOOK_MS = 30_000;

/** Between scrapes: a scrape has no time to wait for a program that asks other machines. */
export const backups = defineSampler({
  name: 'backups',
  source: 'pgbackrest info',
  needs: { configured: 'backup' },
  metrics,
  interval: () => INTERVAL_SECONDS,
  start: () => nothingRead,
  read: async ({ backup, where }: ClusterSession): Promise<BackupData> => {
    if (backup === undefined) throw new Problem('missing', { what: 'no backup is configured', where });
    return {
      backups: await backupsOf(backup, LOOK_MS),
      verifications: backup.verified_file === undefined ? undefined : readVerifications(backup.verified_file),
    };
  },
  fold: (_before, data) => data,
  publish: ({ backups: { repositories }, verifications }: BackupData, m) => {
    const good = verifications?.findLast(({ ok }) => ok);
    const last = verifications?.at(-1);
    return [
      ...repositories.flatMap((repository) => ofRepository(repository, m)),
      m.verified({}, good === undefined ? null : Date.parse(good.at) / 1000),
      m.verification({}, last === undefined ? null : Number(last.ok)),
      m.restore({}, good === undefined ? null : good.restoreSeconds + good.recoverySeconds),
    ];
  },
});

const ofRepository = (one: Repository, m: Emitters<typeof metrics>): Sample[] => {
  const repository = String(one.key);
  if (one.problem !== null) return [m.up({ repository }, 0)];
  return [
    m.up({ repository }, 1),
    m.encrypted({ repository }, Number(one.encrypted)),
    m.damaged({ repository }, one.backups.filter(({ damaged }) => damaged).length),
    m.since({ repository }, restorableSince(one)),
    ...backupTypes.flatMap((type) => {
      const own = one.backups.filter((backup) => backup.type === type);
      const last = own.at(-1);
      const by = { repository, backup_type: type };
      return [
        m.count(by, own.length),
        ...(last === undefined
          ? []
          : [
              m.last(by, last.stop),
              m.duration(by, last.stop - last.start),
              m.bytes(by, last.bytes),
              m.stored(by, last.repositoryBytes),
            ]),
      ];
    }),
  ];
};
