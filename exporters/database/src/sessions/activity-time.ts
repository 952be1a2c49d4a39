import { chooseShown, OTHER } from '@submilli/core';

/** Sessions of one kind, as one sample finds them. */
export type Seen = {
  readonly database: string;
  readonly state: string;
  readonly wait_event_type: string;
  readonly wait_event: string;
  readonly sessions: number;
};

export type Kind = Omit<Seen, 'sessions'>;

/** Seconds of activity by kind since sampling began, for at most `limit` kinds; the others by database. */
export type ActivityTime = {
  readonly limit: number;
  readonly lastAt: number | undefined;
  readonly samples: number;
  readonly shown: ReadonlySet<string>;
  /** All kinds that are remembered, also those not shown: they may come to be. */
  readonly kinds: ReadonlyMap<string, { readonly kind: Kind; readonly seconds: number }>;
  /** What kinds did while they were not shown. */
  readonly others: ReadonlyMap<string, number>;
};

/** Kinds remembered beside those shown, as a multiple of the limit: enough to rank them, and bounded. */
const MEMORY = 10;

export const startActivityTime = (limit: number): ActivityTime => ({
  ...{ limit, lastAt: undefined, samples: 0 },
  ...{ shown: new Set(), kinds: new Map(), others: new Map() },
});

/**
 * Takes in one sample: each session seen was in its state since the sample before, so much we say of it. A sampler that
 * was held up knows nothing about the time between, so that more than two intervals are never counted. Every second goes
 * to one row that only grows: its kind's if that is shown, or that of the rest of its database.
 */
export const takeSample = (
  before: ActivityTime,
  seen: readonly Seen[],
  at: number,
  intervalSeconds: number,
): ActivityTime => {
  const elapsed = before.lastAt === undefined ? intervalSeconds : (at - before.lastAt) / 1000;
  const each = Math.max(0, Math.min(elapsed, 2 * intervalSeconds));
  const kinds = new Map(before.kinds);
  for (const { sessions, ...kind } of seen) {
    const key = keyOf(kind);
    kinds.set(key, { kind, seconds: (kinds.get(key)?.seconds ?? 0) + sessions * each });
  }
  const shown = chooseShown(
    new Map([...kinds].map(([key, { seconds }]) => [key, seconds])),
    before.shown,
    before.limit,
  );
  const others = new Map(before.others);
  for (const { sessions, ...kind } of seen) {
    const key = keyOf(kind);
    // Its row appears only now, so that nobody could see it grow: this growth belongs to the others.
    if (shown.has(key) && (before.shown.has(key) || !before.kinds.has(key))) continue;
    others.set(kind.database, (others.get(kind.database) ?? 0) + sessions * each);
  }
  return {
    ...{ limit: before.limit, lastAt: at, samples: before.samples + 1, shown, others },
    kinds: forget(kinds, shown, before.limit * MEMORY),
  };
};

/** The rows to publish: each kind shown, and the others of each database. */
export const rowsOf = ({ kinds, shown, others }: ActivityTime): readonly { kind: Kind; seconds: number }[] => [
  ...[...shown].flatMap((key) => kinds.get(key) ?? []),
  ...[...others].map(([database, seconds]) => ({
    kind: { database, state: OTHER, wait_event_type: OTHER, wait_event: OTHER },
    seconds,
  })),
];

const forget = <V extends { readonly seconds: number }>(
  kinds: ReadonlyMap<string, V>,
  shown: ReadonlySet<string>,
  most: number,
): ReadonlyMap<string, V> => {
  if (kinds.size <= most) return kinds;
  const ranked = [...kinds].sort(
    ([a, x], [b, y]) => Number(shown.has(b)) - Number(shown.has(a)) || y.seconds - x.seconds,
  );
  return new Map(ranked.slice(0, most));
};

const keyOf = ({ database, state, wait_event_type, wait_event }: Kind): string =>
  [database, state, wait_event_type, wait_event].join('\u0000');
