import { loadConfig } from '@submilli/core';
import { readVerifications } from '@submilli/ha';
import { type Command, InvalidArgumentError } from 'commander';
import { type Moment, parseMoment } from '../backup/moment';
import { type BackupTarget, backupTarget } from '../backup/target';
import { servicesAccount } from '../debian/account';
import { configOption } from './serve';

export type ClusterFlags = { readonly config: string; readonly cluster?: string };

/** Whose backups, for every command that looks at them. */
export const withCluster = (command: Command): Command =>
  command
    .addOption(configOption('configuration, with clusters: backup'))
    .option('--cluster <name>', 'which cluster of it; the only one with backups if there is one');

export const targetOf = ({ config, cluster }: ClusterFlags): BackupTarget =>
  backupTarget(loadConfig(config), config, cluster, servicesAccount());

export const verificationsOf = ({ settings }: BackupTarget) =>
  settings.verified_file === undefined ? undefined : readVerifications(settings.verified_file);

export const moment = (text: string): Moment => {
  try {
    return parseMoment(text);
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
};

export const positive = (text: string): number => {
  const value = Number(text);
  if (!Number.isFinite(value) || value <= 0) throw new InvalidArgumentError('A number above zero, please.');
  return value;
};
