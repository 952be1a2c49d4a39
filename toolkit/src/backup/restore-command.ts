import { type Moment, timestampOf } from './moment';

export type RestoreCommand = {
  /** Of pgBackRest, besides --config and --stanza. */
  readonly args: readonly string[];
  readonly repository: number;
  readonly to: string;
  readonly moment: Moment | undefined;
  readonly replaces: boolean;
  readonly pause: boolean;
};

/** How pgBackRest is told; see its manual, command restore. */
export const commandOf = (request: Omit<RestoreCommand, 'args'>): RestoreCommand => {
  const { repository, to, moment, replaces, pause } = request;
  const action = pause ? 'pause' : 'promote';
  return {
    ...request,
    args: [
      ...[`--repo=${repository}`, `--pg1-path=${to}`],
      ...(moment === undefined
        ? ['--type=default']
        : ['--type=time', `--target=${timestampOf(moment)}`, `--target-action=${action}`]),
      // A copy beside a living cluster must not archive to where that one does.
      ...(replaces ? [] : ['--archive-mode=off']),
      'restore',
    ],
  };
};

/**
 * What the copy must not take over from the server it is of: its address, its log files, and a standby that commits would
 * wait for in vain.
 */
const startOf = (to: string, bin: string): string => {
  const own = ['listen_addresses=127.0.0.1', 'port=5499', 'logging_collector=off', 'synchronous_standby_names='];
  return `${bin}/pg_ctl -D ${to} -l ${to}/restored.log -o "${own.map((one) => `-c ${one}`).join(' ')}" -w start`;
};

/** What a person does next, since nothing is started here. */
export const nextSteps = ({ to, pause, replaces, moment }: RestoreCommand, bin: string): string[] => [
  `Start it, as the account it belongs to: ${startOf(to, bin)}`,
  ...(moment !== undefined && pause
    ? [
        'It stops at the moment, when SELECT pg_get_wal_replay_pause_state() says paused, and can be read.',
        'Go on from there: SELECT pg_wal_replay_resume(); or stop it and restore another moment.',
      ]
    : []),
  'Look at it before anybody writes: newest rows, pg_amcheck --all --install-missing.',
  ...(replaces
    ? [
        'Under Patroni: stop Patroni on every member; move the restored folder to the data_dir of one of them; remove the old',
        'cluster’s keys: patronictl remove CLUSTER (it asks thrice); start Patroni there, and when it leads, on the others,',
        'whose old data directories it replaces by a copy (patronictl reinit CLUSTER MEMBER). Take a full backup.',
      ]
    : [
        'It does not archive (archive_mode off): it is a copy. To have it replace the cluster, restore with --replaces.',
      ]),
];
