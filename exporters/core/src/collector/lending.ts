import type { Sibling } from './define';
import type { Opened } from './link';
import type { Databases, Source } from './source';

/** What a target lets the exporter's other targets do with it. */
export type Lending<S, F> = {
  /** Nothing for a source that has no databases. */
  readonly sibling: (facts: F) => Sibling<S, F> | undefined;
  readonly connections: () => { readonly open: number; readonly opened: number };
  readonly stop: () => Promise<void>;
};

type LendingOptions<S, F> = { readonly name: string; readonly source: Pick<Source<S, F>, 'databases' | 'facts'> };

/** One visitor at a time: others wait, and whose time is up by then does not come in. */
export const createLending = <S, F>({
  name,
  source: { databases, facts: read },
}: LendingOptions<S, F>): Lending<S, F> => {
  let current: Opened<S> | undefined;
  let opened = 0;
  let stopped = false;
  let turn: Promise<unknown> = Promise.resolve();

  const siblingIn = ({ open }: Databases<S>, facts: F): Sibling<S, F> => ({
    ...{ name, facts },
    visit: (database, deadline, work) => {
      const mine = turn.then(async () => {
        if (stopped || deadline.remainingMs() <= 0) throw new Error(`${name} could not be visited in time`);
        const visit = await open(database, deadline);
        current = visit;
        opened += 1;
        try {
          return await work(visit.session, await read(visit.session, deadline));
        } finally {
          current = undefined;
          await visit.close();
        }
      });
      turn = mine.catch(() => undefined);
      return mine;
    },
  });

  return {
    sibling: (facts) => (databases === undefined ? undefined : siblingIn(databases, facts)),
    connections: () => ({ open: current === undefined || current.isClosed() ? 0 : 1, opened }),
    stop: async () => {
      stopped = true;
      await current?.close();
    },
  };
};
