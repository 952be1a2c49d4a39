/** What the fault matrix is made of: a component, what happens to it, and what must come of that. */

export const components = [
  'postgresql',
  'pgbouncer',
  'patroni',
  'etcd',
  'exporter',
  'prometheus',
  'alertmanager',
] as const;
export type Component = (typeof components)[number];

/** The faults, as a reader of the table knows them. */
export const faults = {
  kill: 'kill -9',
  stop: 'SIGSTOP',
  refuse: 'refuses',
  reset: 'resets in the middle of an answer',
  slow: 'answers byte by byte',
  garbage: 'answers garbage',
  tls: 'TLS failure',
  password: 'wrong password',
  permission: 'no permission',
  disk: 'full disk',
  clock: 'clock jumps',
  network: 'network cut',
} as const;
export type Fault = keyof typeof faults;
export const faultNames = Object.keys(faults) as Fault[];

/** How a TLS failure looks: each is another case. */
export type TlsFailure = 'another authority' | 'an expired certificate' | 'plain text';

export type Exporter = 'database' | 'pool' | 'query' | 'ha';

/** Series that there are, all with this value: a name, or a name with some of its labels. */
export type Values = Readonly<Record<string, number>>;

/** One thing that is done, and all that must then be seen. Patterns are regular expressions. */
export type Case = {
  /** In the words of the table. */
  readonly how: string;
  readonly tls?: TlsFailure;
  /** Which exporter tells of it. */
  readonly exporter: Exporter;
  readonly metrics: Values;
  /** Families that are absent: by name; `*` is any text. `all` is everything but what the exporter says of itself. */
  readonly absent: 'all' | readonly string[];
  /** What the target, or the failed collector of that name, says in /api/v1/status: why, and what to do. */
  readonly status: { readonly of: 'target' | (string & {}); readonly reason: string; readonly remedy: string } | null;
  /** A line of the exporter's log. */
  readonly log: string | null;
  /** The alert whose expression is true of it, with some of its labels; or why none need be. */
  readonly alert:
    { readonly name: string; readonly labels: Readonly<Record<string, string>> } | { readonly none: string };
};

/** What only Prometheus sees: an exporter that it asks and that does not answer, or answers somebody else's words. */
export type Scraped = {
  readonly how: string;
  readonly tls?: TlsFailure;
  /** What Prometheus says of its last scrape. */
  readonly scrapeError: string;
  readonly alert: { readonly name: string; readonly labels: Readonly<Record<string, string>> };
};

/** What a command says that reads it, and how it ends. */
export type Told = { readonly how: string; readonly tls?: TlsFailure; readonly status: number; readonly says: string };

export type Cell =
  | { readonly kind: 'exporter tells'; readonly cases: readonly Case[] }
  | { readonly kind: 'prometheus tells'; readonly cases: readonly Scraped[] }
  | { readonly kind: 'command tells'; readonly cases: readonly Told[] }
  /** It goes on as if nothing had happened: which is what must be seen. */
  | { readonly kind: 'goes on'; readonly how: string; readonly log: string | null; readonly holds: readonly string[] }
  /** Tested where the whole stack is: a file, and the title of its test. */
  | { readonly kind: 'elsewhere'; readonly file: string; readonly title: string; readonly what: string }
  | { readonly kind: 'does not apply'; readonly because: string };

export type Row = Readonly<Record<Fault, Cell>>;

export const tells = (...cases: Case[]): Cell => ({ kind: 'exporter tells', cases });
export const seen = (...cases: Scraped[]): Cell => ({ kind: 'prometheus tells', cases });
export const says = (...cases: Told[]): Cell => ({ kind: 'command tells', cases });
export const elsewhere = (file: string, title: string, what: string): Cell => ({
  kind: 'elsewhere',
  file,
  title,
  what,
});
export const doesNotApply = (because: string): Cell => ({ kind: 'does not apply', because });
