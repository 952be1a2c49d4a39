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

export type ActivityRow = { readonly kind: Kind; readonly seconds: number };

/** Seconds of activity by kind, for about `limit` kinds; what the others did, by database. */
export type ActivityTime = {
  readonly limit: number;
  readonly lastAt: number | undefined;
  readonly samples: number;
  /** The kinds shown, each with what it did since it is. */
  readonly shown: ReadonlyMap<string, ActivityRow>;
  /** What kinds did while they were not shown. */
  readonly others: ReadonlyMap<string, number>;
  /** How active each kind was of late, shown or not: seconds that fade. */
  readonly recent: ReadonlyMap<string, number>;
};

/** Kinds remembered, as a multiple of those shown: enough to rank them, and bounded. */
const MEMORY = 10;

/** A storm of new waits is shown at once, however busy the server was last week; a lull of an hour hides nothing. */
const HALF_LIFE_SECONDS = 900;

export const startActivityTime = (limit: number): ActivityTime => ({
  ...{ limit, lastAt: undefined, samples: 0 },
  ...{ shown: new Map(), others: new Map(), recent: new Map() },
});

/**
 * Takes in one sample: each session seen was in its state since the sample before, so much we say of it. A sampler that
 * was held up knows nothing about the time between, so that more than two intervals are never counted. Every second goes
 * to exactly one row: its kind's if that is shown now, or that of the rest of its database. A kind that gives its place
 * up begins at zero when it comes back, like any counter that was away, so that no second is ever shown twice.
 */
export const takeSample = (
  before: ActivityTime,
  seen: readonly Seen[],
  at: number,
  intervalSeconds: number,
): ActivityTime => {
  const elapsed = before.lastAt === undefined ? intervalSeconds : Math.max(0, at - before.lastAt) / 1000;
  const each = Math.min(elapsed, 2 * intervalSeconds);
  const grown = seen.map(({ sessions, ...kind }) => ({ key: keyOf(kind), kind, seconds: sessions * each }));

  const fading = 0.5 ** (elapsed / HALF_LIFE_SECONDS);
  const recent = new Map([...before.recent].map(([key, seconds]) => [key, seconds * fading]));
  for (const { key, seconds } of grown) recent.set(key, (recent.get(key) ?? 0) + seconds);
  const chosen = chooseShown(recent, new Set(before.shown.keys()), before.limit);

  const shown = new Map([...before.shown].filter(([key]) => chosen.has(key)));
  const others = new Map(before.others);
  for (const { key, kind, seconds } of grown) {
    if (chosen.has(key)) shown.set(key, { kind, seconds: (shown.get(key)?.seconds ?? 0) + seconds });
    else others.set(kind.database, (others.get(kind.database) ?? 0) + seconds);
  }
  return {
    ...{ limit: before.limit, lastAt: at, samples: before.samples + 1, shown, others },
    recent: largest(recent, before.limit * MEMORY),
  };
};

/** The rows to publish: each kind shown, and the others of each database. */
export const rowsOf = ({ shown, others }: ActivityTime): readonly ActivityRow[] => [
  ...shown.values(),
  ...[...others].map(([database, seconds]) => ({
    kind: { database, state: OTHER, wait_event_type: OTHER, wait_event: OTHER },
    seconds,
  })),
];

const largest = (weights: ReadonlyMap<string, number>, most: number): ReadonlyMap<string, number> =>
  weights.size <= most ? weights : new Map([...weights].sort(([, x], [, y]) => y - x).slice(0, most));

const keyOf = ({ database, state, wait_event_type, wait_event }: Kind): string =>
  [database, state, wait_event_type, wait_event].join('\u0000');
