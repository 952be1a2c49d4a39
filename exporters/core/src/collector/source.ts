import type { Deadline } from '../clock';
import type { Needs, Skip } from './define';
import type { Opened } from './link';

/** What a connection is for, to tell them apart, for example in `application_name`. */
export type Purpose = 'scrape' | 'sample' | 'survey';

/** How to reach one target and what to ask it first. Sessions of type S, facts of type F. */
export type Source<S, F> = {
  /** A name and an address for people; never a secret. */
  readonly where: string;
  readonly open: (purpose: Purpose, deadline: Deadline) => Promise<Opened<S>>;
  readonly facts: (session: S, deadline: Deadline) => Promise<F>;
  readonly plan: (needs: Needs, facts: F) => Skip | undefined;
  /** The databases behind it, if each has things that only a session in it can see. */
  readonly databases?: Databases<S>;
};

export type Databases<S> = {
  /** `home` is the database of the session; `names` are those to survey, bounded. */
  readonly list: (
    session: S,
    deadline: Deadline,
  ) => Promise<{ readonly home: string; readonly names: readonly string[] }>;
  readonly open: (database: string, deadline: Deadline) => Promise<Opened<S>>;
};
