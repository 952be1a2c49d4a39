import { type Clock, type Deadline, within } from '../clock';
import { SubmilliError, messageOf } from '../errors';

/** Something opened on a target that can go away by itself. */
export type Opened<S> = {
  readonly session: S;
  /** Becomes true when the other side, or an error, has ended it. */
  readonly isClosed: () => boolean;
  readonly close: () => Promise<void>;
};

/** One persistent, self-healing connection. */
export type Link<S> = {
  /** The open session, opening it if its time has come; throws why not, without ever sleeping. */
  readonly use: (deadline: Deadline) => Promise<S>;
  /** Counts openings, so that a user can tell a new session from the one before. */
  readonly epoch: () => number;
  readonly isOpen: () => boolean;
  readonly close: () => Promise<void>;
};

export type LinkOptions<S> = {
  readonly where: string;
  readonly open: (deadline: Deadline) => Promise<Opened<S>>;
  readonly clock: Clock;
  /** 0..1; spreads the reconnects of many exporters. */
  readonly random: () => number;
};

const FIRST_RETRY_MS = 250;
const LAST_RETRY_MS = 10_000;

/** Delay before the next attempt after `failures` failed ones: doubled each time up to 10 s, with ±50 % jitter. */
export const retryDelayMs = (failures: number, random: number): number =>
  Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.max(0, failures - 1)) * (0.5 + random);

export const createLink = <S>({ where, open, clock, random }: LinkOptions<S>): Link<S> => {
  let current: Opened<S> | undefined;
  let opening: Promise<S> | undefined;
  let failure: { readonly error: unknown; readonly count: number; readonly retryAt: number } | undefined;
  let epoch = 0;
  let ended = false;

  const openNow = async (deadline: Deadline): Promise<S> => {
    try {
      const opened = await open(deadline);
      if (ended) {
        await opened.close();
        throw new SubmilliError({ what: 'closed while connecting', where });
      }
      current = opened;
      failure = undefined;
      epoch += 1;
      return opened.session;
    } catch (error) {
      const count = (failure?.count ?? 0) + 1;
      failure = { error, count, retryAt: clock.monotonic() + retryDelayMs(count, random()) };
      throw error;
    } finally {
      opening = undefined;
    }
  };

  return {
    use: async (deadline) => {
      if (current !== undefined && !current.isClosed()) return current.session;
      current = undefined;
      if (opening === undefined && failure !== undefined && clock.monotonic() < failure.retryAt) throw failure.error;
      opening ??= openNow(deadline);
      return within(opening, deadline, () => new SubmilliError({ what: 'no answer before the deadline', where }));
    },
    epoch: () => epoch,
    isOpen: () => current !== undefined && !current.isClosed(),
    close: async () => {
      ended = true;
      const opened = current;
      current = undefined;
      await opened?.close().catch((error: unknown) => messageOf(error));
    },
  };
};
