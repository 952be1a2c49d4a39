import type { Sibling } from './define';
import type { Opened } from './link';
import type { Source } from './source';

/** What a target lets the exporter's other targets do with it. */
export type Lending<S, F> = {
  /** Nothing for a source that has no databases. */
  readonly sibling: (facts: F) => Sibling<S, F> | undefined;
  readonly connections: () => { readonly open: number; readonly opened: number };
  readonly stop: () => Promise<void>;
};

type LendingOptions<S, F> = { readonly name: string; readonly source: Pick<Source<S, F>, 'databases' | 'facts'> };

/** One visitor at a time: the others wait for their turn, as long as their deadline lets them. */
export const createLending = <S, F>({
  name,
  source: { databases, facts: read },
}: LendingOptions<S, F>): Lending<S, F> => {
  let current: Opened<S> | undefined;
  let opened = 0;
  let turn: Promise<unknown> = Promise.resolve();

  const visitNow: (open: NonNullable<typeof databases>['open']) => Sibling<S, F>['visit'] =
    (open) => async (database, deadline, work) => {
      current = await open(database, deadline);
      opened += 1;
      try {
        const { session } = current;
        return await work(session, await read(session, deadline));
      } finally {
        await current.close();
        current = undefined;
      }
    };

  return {
    sibling: (facts) => {
      if (databases === undefined) return undefined;
      const visit: Sibling<S, F>['visit'] = (database, deadline, work) => {
        const mine = turn.then(() => visitNow(databases.open)(database, deadline, work));
        turn = mine.catch(() => undefined);
        return mine;
      };
      return { name, facts, visit };
    },
    connections: () => ({ open: current === undefined || current.isClosed() ? 0 : 1, opened }),
    stop: async () => current?.close(),
  };
};
