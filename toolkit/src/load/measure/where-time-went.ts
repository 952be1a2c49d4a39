import type { Look } from './exporters';

/** A part of the mean time of a transaction, in seconds. */
export type Share = { readonly part: Part; readonly seconds: number };

export const parts = ['unsent', 'pool', 'server', 'between', 'rest'] as const;
export type Part = (typeof parts)[number];

export const partWords: Readonly<Record<Part, string>> = {
  unsent: 'due, and its client still busy with the one before',
  pool: 'in the queue of the pool',
  server: 'executed by the server: processor, locks, reads, the commit and its standby',
  between: 'open on the server between two statements: the way to the client and back',
  rest: 'the way there and back, TLS, the pool’s and the client’s own work',
};

export type TimeSplit = {
  readonly shares: readonly Share[];
  /** What could not be told apart, and why. */
  readonly absent: readonly string[];
};

export type Looks = { readonly before: Look; readonly after: Look };

export type SplitInput = {
  /** Of a transaction, as its client saw it, in seconds. */
  readonly meanSeconds: number;
  /** Of that, how long it was due and not sent; undefined without a rate. */
  readonly unsentSeconds: number | undefined;
  /** How many the clients made, to see whether others were at it. */
  readonly transactions: number;
  readonly database: Looks;
  /** Undefined: this load goes past the pool. */
  readonly pool: Looks | undefined;
};

/** From this share of others' transactions on, the server's means are said to be theirs as well. */
const OTHERS_WORTH_SAYING = 0.05;

/**
 * Where the mean transaction spent its time. Each figure is one source's growth of seconds over the same source's growth
 * of transactions, so sources need not agree on when the time began. What nobody measured is the rest.
 */
export const whereTimeWent = (input: SplitInput): TimeSplit => {
  const server = growth(input.database);
  const pool = input.pool === undefined ? undefined : growth(input.pool);
  const absent = [
    ...('absent' in server ? [server.absent] : []),
    ...(pool !== undefined && 'absent' in pool ? [pool.absent] : []),
  ];
  const perServer = 'absent' in server ? undefined : means(server, 'db_transactions_total');
  const perPool = pool === undefined || 'absent' in pool ? undefined : means(pool, 'db_pool_transactions_total');
  const known: Share[] = [
    ...share('unsent', input.unsentSeconds),
    ...share('pool', perPool?.('db_pool_wait_seconds_total')),
    ...share('server', perServer?.('db_session_active_seconds_total')),
    ...share('between', perServer?.('db_session_idle_in_transaction_seconds_total')),
  ];
  const isUntold = perServer?.('db_session_active_seconds_total') === undefined;
  const others = 'absent' in server ? 0 : othersShare(server.by.get('db_transactions_total') ?? 0, input.transactions);
  const left = input.meanSeconds - known.reduce((sum, { seconds }) => sum + seconds, 0);
  return {
    // Without the server’s part the rest would be most of it, under a name that says otherwise.
    shares: isUntold || left < 0 ? known : [...known, { part: 'rest', seconds: left }],
    absent: [
      ...absent,
      ...(isUntold && !('absent' in server) ? ['the database exporter saw no transaction in that time'] : []),
      ...(others > OTHERS_WORTH_SAYING
        ? [`${Math.round(others * 100)} % of the database’s transactions were others’: the server’s means are of all`]
        : []),
      ...(left < 0 ? ['the parts are more than the whole: the means are not of the same transactions'] : []),
    ],
  };
};

const share = (part: Part, seconds: number | undefined): Share[] => (seconds === undefined ? [] : [{ part, seconds }]);

type Growth = { readonly by: ReadonlyMap<string, number> };

const growth = ({ before, after }: Looks): Growth | { readonly absent: string } => {
  if ('absent' in before) return before;
  if ('absent' in after) return after;
  const by = new Map<string, number>();
  for (const [name, end] of Object.entries(after.counters)) {
    const begin = before.counters[name];
    // A counter that fell has begun anew: what it grew by is not known.
    if (end !== null && begin !== null && begin !== undefined && end >= begin) by.set(name, end - begin);
  }
  return { by };
};

const means = ({ by }: Growth, transactions: string) => {
  const count = by.get(transactions) ?? 0;
  return (name: string): number | undefined => {
    const seconds = by.get(name);
    return seconds === undefined || count === 0 ? undefined : seconds / count;
  };
};

const othersShare = (all: number, ours: number): number => (all <= 0 ? 0 : Math.max(0, (all - ours) / all));
