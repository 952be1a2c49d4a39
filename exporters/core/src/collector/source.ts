import type { Deadline } from '../clock';
import type { Needs, Skip } from './define';
import type { Opened } from './link';

/** How to reach one target and what to ask it first. Sessions of type S, facts of type F. */
export type Source<S, F> = {
  /** A name and an address for people; never a secret. */
  readonly where: string;
  /** `purpose` tells the scrape's connection from the sampler's, for example in `application_name`. */
  readonly open: (purpose: 'scrape' | 'sample', deadline: Deadline) => Promise<Opened<S>>;
  readonly facts: (session: S, deadline: Deadline) => Promise<F>;
  readonly plan: (needs: Needs, facts: F) => Skip | undefined;
};
