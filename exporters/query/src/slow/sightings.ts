/** One look at a statement that was running. Moments in milliseconds since the epoch, by the server's clock. */
export type Sighting = {
  readonly at: number;
  readonly startedAt: number;
  readonly pid: number;
  readonly database: string;
  readonly queryid: string | null;
  readonly waitEventType: string;
  readonly waitEvent: string;
  /** Process ids, as `pg_blocking_pids` has them. */
  readonly blockedBy: readonly number[];
};

type Wait = { readonly database: string; readonly waitEvent: string; readonly seconds: number };

/** What was seen of late, the oldest first, and the time that commits have waited since we look. */
export type Sightings = { readonly recent: readonly Sighting[]; readonly commitWaits: ReadonlyMap<string, Wait> };

const MOST_RECENT = 2000;
const MOST_DATABASES = 100;

export const startSightings = (): Sightings => ({ recent: [], commitWaits: new Map() });

/** @param seconds that one look stands for */
export const takeSightings = (
  state: Sightings,
  seen: readonly Sighting[],
  commitWaits: readonly string[],
  seconds: number,
): Sightings => {
  if (seen.length === 0) return state;
  const waits = new Map(state.commitWaits);
  for (const { database, waitEvent: event } of seen) {
    if (!commitWaits.includes(event)) continue;
    // PostgreSQL 17 and newer write WalSync.
    const waitEvent = event.replace(/^Wal/, 'WAL');
    const isRoom = waits.has(`${waitEvent} ${database}`) || waits.size < MOST_DATABASES;
    const own = isRoom ? database : 'other';
    const key = `${waitEvent} ${own}`;
    waits.set(key, { database: own, waitEvent, seconds: (waits.get(key)?.seconds ?? 0) + seconds });
  }
  return { recent: [...state.recent, ...seen].slice(-MOST_RECENT), commitWaits: waits };
};
