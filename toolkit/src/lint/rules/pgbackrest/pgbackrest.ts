import { topOf, type Setting } from '../../parse/place';
import { example, type Hit, type Rule } from '../../rule';
import { filesOf, type PgbackrestFile, type Scene } from '../../scene';

const globals = ({ settings }: PgbackrestFile): readonly Setting[] =>
  settings.filter(({ section }) => section === 'global' || !section.includes(':'));
const settingOf = (file: PgbackrestFile, name: string): Setting | undefined =>
  globals(file).findLast((one) => one.name.text === name);

/** Its repositories by number, each with its settings; `repo-…` is the first. */
const repositoriesOf = (file: PgbackrestFile): ReadonlyMap<string, ReadonlyMap<string, Setting>> => {
  const found = new Map<string, Map<string, Setting>>();
  for (const setting of globals(file)) {
    const [, number = '', name = ''] = /^repo(\d*)-(.+)$/.exec(setting.name.text) ?? [];
    if (name === '') continue;
    const key = number === '' ? '1' : number;
    found.set(key, (found.get(key) ?? new Map<string, Setting>()).set(name, setting));
  }
  return found;
};

const inFiles =
  (check: (file: PgbackrestFile) => readonly Hit[]) =>
  (scene: Scene): Hit[] =>
    filesOf(scene, 'pgbackrest').flatMap(check);

const headOf = (file: PgbackrestFile) => file.sections.find(({ text }) => text === 'global') ?? topOf(file.source);
const firstOf = (settings: ReadonlyMap<string, Setting>, file: PgbackrestFile) =>
  [...settings.values()][0]?.name ?? topOf(file.source);
const pgbackrest = (lines: string) =>
  example({ pgbackrest: `[global]\n${lines}\n\n[main]\npg1-path=/var/lib/postgresql/15/main\n` });

export const pgbackrestRules: readonly Rule[] = [
  {
    id: 'pgbackrest-one-repository',
    title: 'There is one copy of the backups',
    ...{ severity: 'warning', kinds: ['pgbackrest'], fixable: false },
    source: 'pgBackRest user guide: Multiple Repositories',
    why: 'What takes the machine, the building or the account with the one repository takes all backups, and perhaps the database with them.',
    fix: 'repo2-… elsewhere: another building, another account, where nobody may delete.',
    bad: pgbackrest('repo1-path=/backup'),
    good: pgbackrest('repo1-path=/backup\nrepo2-type=s3\nrepo2-path=/backup'),
    check: inFiles((file) => {
      const repositories = repositoriesOf(file);
      return repositories.size > 1
        ? []
        : [
            {
              at: [...repositories.values()].map((one) => firstOf(one, file))[0] ?? headOf(file),
              says: repositories.size === 0 ? 'there is no repository' : 'there is one repository',
            },
          ];
    }),
  },
  {
    id: 'pgbackrest-same-place',
    title: 'Both repositories are lost together',
    ...{ severity: 'info', kinds: ['pgbackrest'], fixable: false },
    source: 'pgBackRest configuration reference: repo-type, repo-host',
    why: 'Two folders of one machine are one repository for whoever loses the machine.',
    fix: 'repo2-type = s3, azure, gcs or sftp, or repo2-host, elsewhere.',
    bad: pgbackrest('repo1-path=/backup/1\nrepo2-path=/backup/2'),
    good: pgbackrest('repo1-path=/backup\nrepo2-type=s3\nrepo2-path=/backup'),
    check: inFiles((file) => {
      const repositories = [...repositoriesOf(file).values()];
      const isHere = (one: ReadonlyMap<string, Setting>): boolean =>
        !one.has('host') && ['posix', 'cifs', undefined].includes(one.get('type')?.value.text);
      const second = repositories[1];
      if (second === undefined || !repositories.every(isHere)) return [];
      return [
        {
          at: (second.get('path') ?? [...second.values()][0])?.value ?? headOf(file),
          says: 'all repositories are folders of this machine',
        },
      ];
    }),
  },
  {
    id: 'pgbackrest-unencrypted',
    title: 'Backups can be read by whoever has the storage',
    ...{ severity: 'warning', kinds: ['pgbackrest'], fixable: false },
    source: 'pgBackRest configuration reference: repo-cipher-type',
    why: 'A backup is the whole database. Storage is copied, kept and given back by people who need not see it.',
    fix: 'repo1-cipher-type=aes-256-cbc and repo1-cipher-pass, before stanza-create: it cannot be changed later.',
    bad: pgbackrest('repo1-path=/backup'),
    good: pgbackrest('repo1-path=/backup\nrepo1-cipher-type=aes-256-cbc\nrepo1-cipher-pass=example'),
    check: inFiles((file) =>
      [...repositoriesOf(file)].flatMap(([number, settings]): Hit[] => {
        const cipher = settings.get('cipher-type');
        if (cipher !== undefined && cipher.value.text !== 'none') return [];
        return [{ at: cipher?.value ?? firstOf(settings, file), says: `repository ${number} is not encrypted` }];
      }),
    ),
  },
  {
    id: 'pgbackrest-retention',
    title: 'Backups are kept for ever, or hardly at all',
    ...{ severity: 'warning', kinds: ['pgbackrest'], fixable: false },
    source: 'pgBackRest configuration reference: repo-retention-full, repo-retention-full-type',
    why: 'Without a retention nothing ever goes, and the storage fills. With one full backup, the old one goes when the new one is done: for a fault that is found a day later there is nothing.',
    fix: 'repo1-retention-full-type=time, repo1-retention-full=30 (days).',
    bad: pgbackrest('repo1-path=/backup'),
    good: pgbackrest('repo1-path=/backup\nrepo1-retention-full-type=time\nrepo1-retention-full=30'),
    check: inFiles((file) =>
      [...repositoriesOf(file)].flatMap(([number, settings]): Hit[] => {
        const full = settings.get('retention-full');
        if (full === undefined)
          return [{ at: firstOf(settings, file), says: `repository ${number} keeps everything for ever` }];
        const isTime = settings.get('retention-full-type')?.value.text === 'time';
        const kept = Number(full.value.text);
        if (isTime ? kept >= 7 : kept >= 2) return [];
        return [{ at: full.value, says: `repository ${number} keeps ${kept} ${isTime ? 'day(s)' : 'full backup(s)'}` }];
      }),
    ),
  },
  {
    id: 'pgbackrest-async-queue',
    title: 'A repository that is away fills the disk of the primary',
    ...{ severity: 'warning', kinds: ['pgbackrest'], fixable: false },
    source: 'pgBackRest configuration reference: archive-push-queue-max, spool-path',
    why: 'While WAL cannot be archived it stays in pg_wal, without limit: the disk fills, and the server stops. With archive-push-queue-max pgBackRest drops WAL instead, and says so: the backups have a gap, the database goes on.',
    fix: 'archive-push-queue-max=4GiB, of what the disk can spare; archive-async=y with a spool-path on the same machine.',
    bad: pgbackrest('repo1-path=/backup\narchive-async=y'),
    good: pgbackrest(
      'repo1-path=/backup\narchive-async=y\nspool-path=/var/spool/pgbackrest\narchive-push-queue-max=4GiB',
    ),
    check: inFiles((file) => {
      const [async, spool, most] = ['archive-async', 'spool-path', 'archive-push-queue-max'].map((name) =>
        settingOf(file, name),
      );
      if (async?.value.text !== 'y') return [];
      return [
        ...(most === undefined
          ? [{ at: async.value, says: 'archive-async without archive-push-queue-max: WAL is kept without limit' }]
          : []),
        ...(spool === undefined
          ? [
              {
                at: async.value,
                severity: 'info' as const,
                says: 'archive-async without spool-path: it is in /var/spool/pgbackrest, which must be there and be durable',
              },
            ]
          : []),
      ];
    }),
  },
  {
    id: 'pgbackrest-start-fast',
    title: 'A backup waits for the next checkpoint',
    ...{ severity: 'info', kinds: ['pgbackrest'], fixable: false },
    source: 'pgBackRest configuration reference: start-fast',
    why: 'Without it each backup begins up to checkpoint_timeout later than it was asked for.',
    fix: 'start-fast=y',
    bad: pgbackrest('repo1-path=/backup'),
    good: pgbackrest('repo1-path=/backup\nstart-fast=y'),
    check: inFiles((file) =>
      settingOf(file, 'start-fast')?.value.text === 'y'
        ? []
        : [{ at: headOf(file), says: 'start-fast is not on: a backup begins with the next checkpoint' }],
    ),
  },
];
