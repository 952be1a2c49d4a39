import { type Config, SubmilliError } from '@submilli/core';
import type { BackupSettings } from '@submilli/core';
import type { Account } from '@submilli/local-postgres';
import { type Backups, commonArguments, parseInfo } from '@submilli/ha';
import { exec } from '../stack/exec';

/** The backups of one cluster, and who may touch them. */
export type BackupTarget = {
  readonly cluster: string;
  readonly settings: BackupSettings;
  /** Who runs pgBackRest and the scratch server: PostgreSQL refuses root. */
  readonly account: Account | undefined;
  /** Patroni's REST API of the members, to see who runs. */
  readonly patroni: readonly string[];
};

/** The cluster that is named, or the only one that has backups configured. Throws a `SubmilliError` otherwise. */
export const backupTarget = (
  config: Config,
  where: string,
  name: string | undefined,
  account: Account | undefined,
): BackupTarget => {
  const all = config.clusters.flatMap(({ name: cluster, backup, patroni }) =>
    backup === undefined ? [] : [{ cluster, settings: backup, account, patroni }],
  );
  const [found, ...more] = all.filter(({ cluster }) => name === undefined || cluster === name);
  const there = all.map(({ cluster }) => cluster).join(', ');
  if (found === undefined) {
    const what = name === undefined ? 'no cluster has backups configured' : `cluster ${name} has no backups configured`;
    throw new SubmilliError({
      what,
      where,
      hint: `Fill in clusters: backup${there === '' ? '' : ` (there: ${there})`}.`,
    });
  }
  if (more.length > 0)
    throw new SubmilliError({
      what: 'several clusters have backups',
      where,
      hint: `Name one with --cluster: ${there}`,
    });
  return found;
};

/** Runs pgBackRest; throws a `SubmilliError` with its most telling line. */
export const pgbackrest = (
  { settings, account }: BackupTarget,
  args: readonly string[],
  purpose: string,
  rest: { readonly signal?: AbortSignal; readonly onLine?: (line: string) => void } = {},
): Promise<string> => exec(settings.program, [...commonArguments(settings), ...args], { purpose, account, ...rest });

/** Nothing was ever backed up. */
export class NoStanza extends SubmilliError {}

export const listBackups = async (target: BackupTarget, signal?: AbortSignal): Promise<Backups> => {
  const args = ['info', '--output=json', '--log-level-console=off'];
  const text = await pgbackrest(target, args, 'listing backups', signal === undefined ? {} : { signal });
  const found = parseInfo(text, target.settings.stanza);
  if (found !== undefined) return found;
  const hint = `Make it: ${target.settings.program} --config=${target.settings.config} --stanza=${target.settings.stanza} stanza-create`;
  throw new NoStanza({
    what: `pgBackRest knows no stanza ${target.settings.stanza}`,
    where: target.settings.config,
    hint,
  });
};
