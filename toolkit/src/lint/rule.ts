import type { Place } from './parse/place';
import type { Context, FileKind, Scene } from './scene';

export const severities = ['error', 'warning', 'info'] as const;
export type Severity = (typeof severities)[number];

/** A stretch of a file and what to write there instead. */
export type Edit = { readonly place: Place; readonly text: string };

export type Hit = {
  readonly at: Place;
  /** One sentence: what is so, with its numbers. */
  readonly says: string;
  /** Where it is less, or more, than the rule's own. */
  readonly severity?: Severity;
  readonly edit?: Edit | readonly Edit[];
  /** The other places that it takes. */
  readonly see?: readonly { readonly at: Place; readonly says: string }[];
};

/** Files, by their names, and what else they are looked at with: what shows a rule at work, in tests and on its page. */
export type Example = {
  readonly files: readonly { readonly name: string; readonly kind: FileKind; readonly text: string }[];
  readonly context: Partial<Context>;
};

export type Rule = {
  readonly id: string;
  /** What is wrong, in a few words. */
  readonly title: string;
  readonly severity: Severity;
  /** Whose configuration it reads; several: it reads them together. */
  readonly kinds: readonly FileKind[];
  /** Where it is written, and of which version. */
  readonly source: string;
  readonly why: string;
  readonly fix: string;
  /** Whether `--fix` can do it without anybody thinking about it. */
  readonly fixable: boolean;
  /** One that it must find, and one that it must not. */
  readonly bad: Example;
  readonly good: Example;
  readonly check: (scene: Scene) => readonly Hit[];
};

const NAMES: Readonly<Record<FileKind, string>> = {
  ...{ pgbouncer: 'pgbouncer.ini', userlist: 'userlist.txt', patroni: 'patroni.yml', postgresql: 'postgresql.conf' },
  ...{ hba: 'pg_hba.conf', haproxy: 'haproxy.cfg', etcd: 'etcd.yml', pgbackrest: 'pgbackrest.conf' },
  ...{ prometheus: 'prometheus.yml', submilli: 'submilli.yml', live: 'live.yml' },
};

type Texts = Partial<Record<FileKind, string>>;

/** An example of one file of each kind, with its usual name. */
export const example = (texts: Texts, context: Partial<Context> = {}): Example => ({
  files: (Object.entries(texts) as [FileKind, string][]).map(([kind, text]) => ({ name: NAMES[kind], kind, text })),
  context,
});

/** Settings of the section [pgbouncer], as an example. */
export const pgbouncerExample = (lines: string, context?: Partial<Context>): Example =>
  example({ pgbouncer: `[pgbouncer]\n${lines}\n` }, context);
