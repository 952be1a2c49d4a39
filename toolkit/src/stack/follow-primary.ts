import { readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '@submilli/core';
import type { Account } from '@submilli/local-postgres';
import { Client } from 'pg';
import { writeFile } from './files';
import { get, type Tls } from './http';

export type FollowedMember = { readonly restUrl: string; readonly host: string; readonly port: number };

/** Where the pool points, and the timeline on which that member was primary. */
export type Followed = { readonly host: string; readonly port: number; readonly timeline: number };

export type Observation = FollowedMember & {
  /** Runs, and is the leader by its own account. */
  readonly leader: boolean;
  readonly timeline: number;
};

/**
 * Where the pool should point, given where it points and what the members say now.
 *
 * Each promotion begins a new, higher timeline. So of several that call themselves primary the one on the highest
 * timeline is right, and an old primary that returns, still believing, is on a lower one than what we follow: another
 * member is followed only on a higher timeline than the last. With nobody to follow we stay: clients wait in the pool.
 */
export const choosePrimary = (followed: Followed | undefined, seen: readonly Observation[]): Followed | undefined => {
  const isFollowed = (o: Observation): boolean => o.host === followed?.host && o.port === followed.port;
  const candidates = seen
    .filter(({ leader }) => leader)
    .filter((o) => o.timeline > (followed?.timeline ?? 0) || (isFollowed(o) && o.timeline === followed?.timeline))
    .sort((a, b) => b.timeline - a.timeline);
  const [best] = candidates;
  return best === undefined ? followed : { host: best.host, port: best.port, timeline: best.timeline };
};

/** The file PgBouncer includes: one database line, and the timeline for the next start of the follower. */
export const includeText = ({ host, port, timeline }: Followed, database: string): string =>
  `; primary since timeline ${timeline}\n${database} = host=${host} port=${port} dbname=${database}\n`;

export const parseInclude = (text: string): Followed | undefined => {
  const timeline = /timeline (\d+)/.exec(text)?.[1];
  const [, host, port] = /host=(\S+) port=(\d+)/.exec(text) ?? [];
  return timeline === undefined || host === undefined
    ? undefined
    : { host, port: Number(port), timeline: Number(timeline) };
};

export const readInclude = (path: string): Followed | undefined => {
  try {
    return parseInclude(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
};

const observe = async (member: FollowedMember, tls: Tls | undefined, signal: AbortSignal): Promise<Observation> => {
  try {
    const { text } = await get(`${member.restUrl}/patroni`, signal, tls);
    const { role, state, timeline } = JSON.parse(text) as { role?: string; state?: string; timeline?: number };
    const leader = state === 'running' && (role === 'master' || role === 'primary');
    return { ...member, leader, timeline: timeline ?? 0 };
  } catch {
    return { ...member, leader: false, timeline: 0 };
  }
};

export type FollowOptions = {
  readonly members: readonly FollowedMember[];
  readonly includeFile: string;
  /** The application's. */
  readonly database: string;
  /** Whom to trust, for members and console; undefined where nothing speaks TLS. */
  readonly tls: Tls | undefined;
  /** PgBouncer's admin console. */
  readonly console: {
    readonly host: string;
    readonly port: number;
    readonly user: string;
    readonly passwordFile: string;
  };
  /** How long a member may take to say what it is. */
  readonly observeMs?: number;
  readonly log: (line: string) => void;
  readonly signal: AbortSignal;
};

const POLL_MS = 150;
const LOOK_MS = 50;

/**
 * Watches the members until `signal` fires: each change of primary is written to the include file and RELOADed. Each
 * member is asked for itself: one that hangs, as a lost primary may, must not hold up what its successor says.
 */
export const followPrimary = async ({
  members,
  includeFile,
  database,
  tls,
  console,
  observeMs = 1000,
  log,
  signal,
}: FollowOptions): Promise<void> => {
  const look = (member: FollowedMember): Promise<Observation> => observe(member, tls, AbortSignal.timeout(observeMs));
  const seen = await Promise.all(members.map(look));
  const watching = members.map(async (member, i) => {
    while (!signal.aborted) {
      await sleep(POLL_MS, undefined, { signal }).catch(() => undefined);
      seen[i] = await look(member);
    }
  });
  let followed = readInclude(includeFile);
  let reloadDue = true; // the pool may have started with an older file
  while (!signal.aborted) {
    const next = choosePrimary(followed, seen);
    if (next !== undefined && next !== followed && (followed === undefined || !isSame(followed, next))) {
      writeFile(includeFile, includeText(next, database), ownerOfFolder(includeFile));
      log(`primary is ${next.host}:${next.port} on timeline ${next.timeline}`);
      followed = next;
      reloadDue = true;
    }
    if (reloadDue) reloadDue = !(await reload(console, tls, database, followed, log));
    await sleep(LOOK_MS, undefined, { signal }).catch(() => undefined);
  }
  await Promise.all(watching);
};

const isSame = (a: Followed, b: Followed): boolean =>
  a.host === b.host && a.port === b.port && a.timeline === b.timeline;

/** Run as root, we must leave the file to the account PgBouncer runs as: the folder's. */
const ownerOfFolder = (path: string): Account | undefined => {
  if (process.getuid?.() !== 0) return undefined;
  const { uid, gid } = statSync(dirname(path));
  return { name: String(uid), uid, gid };
};

/** RELOAD, unless the pool points there already. Resolves with whether it does now. */
const reload = async (
  console: FollowOptions['console'],
  tls: Tls | undefined,
  database: string,
  to: Followed | undefined,
  log: (line: string) => void,
): Promise<boolean> => {
  const { host, port, user, passwordFile } = console;
  const password = readFileSync(passwordFile, 'utf8').trim();
  const client = new Client({
    ...{ host, port, user, password, database: 'pgbouncer', connectionTimeoutMillis: 1000 },
    ssl: tls !== undefined && { ca: readFileSync(tls.caFile) },
  });
  client.on('error', () => undefined); // the query's own rejection tells
  try {
    await client.connect();
    // After a planned switchover somebody else has, and its first logins to the new primary are under way now.
    const { rows } = await client.query<{ name: string; host: string; port: number }>('SHOW DATABASES');
    const isThere = rows.some((row) => row.name === database && row.host === to?.host && Number(row.port) === to.port);
    if (!isThere) await client.query('RELOAD');
    return true;
  } catch (error) {
    log(`PgBouncer could not be told to reload, next try at once: ${messageOf(error)}`);
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
};
