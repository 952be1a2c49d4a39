import { setTimeout as sleep } from 'node:timers/promises';
import { forPeople } from '@submilli/core';
import { type Backups, parseInfo, type Repository } from '@submilli/ha';
import { dueType, type Policy } from './schedule';

/** A member whose backups are made on this machine. */
export type Kept = {
  readonly name: string;
  /** Whether it is the primary: backups are of that. */
  readonly leads: (signal: AbortSignal) => Promise<boolean>;
  /** Runs pgBackRest for it and resolves with what it printed; rejects with what it said. */
  readonly pgbackrest: (args: readonly string[], signal: AbortSignal) => Promise<string>;
};

export type KeepOptions = {
  readonly members: readonly Kept[];
  readonly stanza: string;
  readonly policy: Policy;
  readonly signal: AbortSignal;
  readonly log: (line: string) => void;
  readonly now: () => number;
};

const LOOK_SECONDS = 5;
/** What failed is tried again, but not at every look. */
const RETRY_SECONDS = 60;
/** Longer than this no backup may take: whatever hangs is ended, and the next begins anew. */
const BACKUP_SECONDS = 6 * 3600;

/** A repository pgBackRest knows no stanza in (codes 1 and 3 of `info`), or nothing of the stanza at all. */
const wantsStanza = (backups: Backups | undefined): boolean =>
  backups === undefined || backups.repositories.some(({ problem }) => problem?.startsWith('missing stanza') === true);

/** What is due now, repository by repository. */
export const dueNow = (
  repositories: readonly Repository[],
  policy: Policy,
  now: number,
  triedAt: ReadonlyMap<number, number>,
) =>
  repositories.flatMap((repository) => {
    const { key, problem } = repository;
    const type = problem === null ? dueType(repository, policy, now) : undefined;
    const rested = now - (triedAt.get(key) ?? -Infinity) >= RETRY_SECONDS;
    return type !== undefined && rested ? [{ key, type }] : [];
  });

/**
 * Makes what backups are due until it is told to stop: the stanza where there is none, then a full backup in each
 * repository, one after the other, then what the policy says. Only on the machine of the primary.
 */
export const keepBackups = async ({ members, stanza, policy, signal, log, now }: KeepOptions): Promise<void> => {
  const triedAt = new Map<number, number>();
  let stanzaAt = -Infinity;
  let said = '';
  const say = (line: string): void => {
    if (line !== said) log(line);
    said = line;
  };

  const ensureStanza = async (member: Kept, backups: Backups | undefined): Promise<void> => {
    if (!wantsStanza(backups) || now() - stanzaAt < RETRY_SECONDS) return;
    stanzaAt = now();
    await member.pgbackrest(['stanza-create'], signal);
    say(`${member.name}: stanza ${stanza} made`);
  };

  const look = async (member: Kept): Promise<void> => {
    const info = async (): Promise<Backups | undefined> =>
      parseInfo(await member.pgbackrest(['info', '--output=json', '--log-level-console=off'], signal), stanza);
    await ensureStanza(member, await info());
    const { repositories = [] } = (await info()) ?? {};
    for (const { key, problem } of repositories) if (problem !== null) say(`repository ${key}: ${problem}`);
    for (const { key, type } of dueNow(repositories, policy, now(), triedAt)) {
      triedAt.set(key, now());
      const began = now();
      const bound = AbortSignal.any([signal, AbortSignal.timeout(BACKUP_SECONDS * 1000)]);
      await member.pgbackrest([`--repo=${key}`, `--type=${type}`, 'backup'], bound);
      say(`${member.name}: ${type} backup in repository ${key}, ${(now() - began).toFixed(1)} s`);
    }
  };

  while (!signal.aborted) {
    for (const member of members) {
      try {
        if (await member.leads(signal)) await look(member);
      } catch (error) {
        if (!signal.aborted) say(forPeople(error));
      }
    }
    await sleep(LOOK_SECONDS * 1000, undefined, { signal }).catch(() => undefined);
  }
};
