import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pgbackrestConf } from '../cluster/files';
import type { BackupSpec } from '../cluster/spec';
import { restUrl, type Member } from '../cluster/topology';
import { nodeAccount } from '../stack/exporters-service';
import { makeDir, writeFile } from '../stack/files';
import { submilliBin, type Layout } from '../stack/layout';
import type { Service } from '../stack/service';
import type { DebianContext } from './context';
import { specOf } from './spec';

const STANZA = 'grandmodel';
const REPOSITORIES = ['repo1', 'repo2'] as const;

/** A machine that is tried out is not to fill up: two full backups stay, two hours apart, and the WAL since the older. */
const FULL_EVERY_SECONDS = 7200;
const FULL_BACKUPS = 2;
/** Of WAL that no repository takes; the disk of a host has three times as much. */
const QUEUE_MEGABYTES = 1024;
/** Until the stack is up: a backup reads all there is. */
const DELAY_SECONDS = 60;

const folderOf = (layout: Layout): string => layout.dirOf('pgbackrest');
const repositoryOf = (layout: Layout, name: string): string => join(layout.dirOf('repositories'), name);

const configOf = (layout: Layout, { name }: Pick<Member, 'name'>): string => join(folderOf(layout), `${name}.conf`);

export const backupSpecOf = (layout: Layout, program: string): BackupSpec => ({
  ...{ stanza: STANZA, program },
  config: (member) => configOf(layout, member),
  dir: ({ name }) => join(folderOf(layout), name),
  repositories: [{ path: repositoryOf(layout, REPOSITORIES[0]) }, { path: repositoryOf(layout, REPOSITORIES[1]) }],
  retention: { by: 'count', full: FULL_BACKUPS },
  queueMegabytes: QUEUE_MEGABYTES,
});

export const prepareBackups = (context: DebianContext, fresh: boolean): void => {
  const { layout, topology, account } = context;
  const { backup } = context;
  if (backup === undefined) return;
  const repositories = layout.dirOf('repositories');
  // Those of a cluster whose first start did not finish.
  if (fresh) for (const folder of [repositories, folderOf(layout)]) rmSync(folder, { recursive: true, force: true });
  for (const folder of [folderOf(layout), repositories]) makeDir(folder, account);
  for (const name of REPOSITORIES) makeDir(repositoryOf(layout, name), account, 0o750);
  for (const member of topology.members) {
    for (const part of ['', 'spool', 'lock', 'log']) makeDir(join(backup.dir(member), part), account);
    writeFile(configOf(layout, member), pgbackrestConf(specOf(context), backup, member), account);
  }
};

export const isBackups = (service: string): boolean => /^backups(-|$)/.test(service);

/** One for each machine with members: it makes the backups while one of these leads. Ready when WAL has where to go. */
export const backupServices = (context: DebianContext, every: number): Service[] => {
  const { layout, topology, account, backup } = context;
  if (backup === undefined) return [];
  const { members: all } = topology;
  const machines = [...new Set(all.map(({ host }) => host))];
  const on = (host: string | undefined): readonly Member[] => all.filter((member) => member.host === host);
  return machines.map((host) => ({
    name: host === undefined ? 'backups' : `backups-${host}`,
    title: 'pgBackRest, when a backup is due',
    host,
    command: process.execPath,
    args: [
      ...[submilliBin, 'backup', 'schedule', '--stanza', backup.stanza, '--program', backup.program],
      ...on(host).flatMap((member) => ['--member', `${restUrl(member)},${backup.config(member)}`]),
      ...['--ca-file', layout.certOf('ca'), '--delay', String(DELAY_SECONDS)],
      ...['--full', String(Math.max(every, FULL_EVERY_SECONDS)), '--incremental', String(every)],
    ],
    env: loginOf(layout, on(host)),
    account: nodeAccount(account),
    endpoints: [],
    ready: () => {
      const without = REPOSITORIES.filter((name) => !existsSync(archiveInfo(layout, name)));
      return without.length === 0
        ? Promise.resolve(undefined)
        : Promise.reject(new Error(`no stanza in ${without.join(', ')} yet`));
    },
    readySeconds: 60,
    // A backup that is called off removes its lock and ends its sessions.
    stopSeconds: 20,
  }));
};

/** For whoever only looks, or restores elsewhere, any member's configuration will do. */
export const watchedBackup = ({ topology: { members }, backup }: DebianContext) => {
  const [member] = members;
  if (backup === undefined || member === undefined) return undefined;
  return { stanza: backup.stanza, program: backup.program, config: backup.config(member) };
};

const archiveInfo = (layout: Layout, name: string): string =>
  join(repositoryOf(layout, name), 'archive', STANZA, 'archive.info');

/** To the members of one machine, with the key that is there. */
const loginOf = (layout: Layout, [member]: readonly Member[]): Readonly<Record<string, string>> =>
  member === undefined
    ? {}
    : {
        ...{ PGHOST: member.address, PGSSLMODE: 'verify-full', PGSSLROOTCERT: layout.certOf('ca') },
        PGSSLCERT: layout.certOf(`${member.name}-pgbackrest`),
        PGSSLKEY: layout.keyOf(`${member.name}-pgbackrest`),
      };
