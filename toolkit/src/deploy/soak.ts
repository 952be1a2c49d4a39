import { setTimeout as sleep } from 'node:timers/promises';

export type Soaking = {
  readonly seconds: number;
  /** What is wrong counts when it has lasted so long: a score may dip, a standby may have to find its leader. */
  readonly patience: number;
  /** What is wrong now. */
  readonly look: () => Promise<readonly string[]>;
  readonly say: (detail: string) => void;
  readonly signal: AbortSignal;
  readonly now?: () => number;
  readonly pause?: (ms: number, signal: AbortSignal) => Promise<void>;
};

const LOOK_MS = 2000;

const wait = async (ms: number, signal: AbortSignal): Promise<void> => {
  await sleep(ms, undefined, { signal }).catch(() => signal.throwIfAborted());
};

/**
 * Looks for so long, and longer while something is wrong that has not lasted yet. Resolves with what lasted too long; with
 * nothing when all was well at the end.
 */
export const soak = async (soaking: Soaking): Promise<readonly string[]> => {
  const { seconds, patience, look, say, signal, now = Date.now, pause = wait } = soaking;
  const end = now() + seconds * 1000;
  let since: number | undefined;
  for (;;) {
    const wrong = await look();
    const at = now();
    if (wrong.length === 0) since = undefined;
    else since ??= at;
    if (since !== undefined && at - since >= patience * 1000) return wrong;
    if (since === undefined && at >= end) return [];
    const left = Math.max(0, Math.ceil((end - at) / 1000));
    say(
      since === undefined
        ? `all well, ${left} s left`
        : `since ${Math.round((at - since) / 1000)} s: ${wrong.join('; ')}`,
    );
    await pause(LOOK_MS, signal);
  }
};
