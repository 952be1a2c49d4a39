import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../errors';
import type { Logger } from '../log';
import { removeDrafts, replaceFile } from './replace-file';

/** Keeps what parts must find again after a restart, under a name each. */
export type Keeper = {
  /** What was last saved; nothing if nothing was, or it can't be read. */
  readonly load: (name: string) => unknown;
  readonly save: (name: string, value: unknown) => void;
};

/** How a part's state gets through a restart. */
export type Persist<State> = {
  /** Plain JSON; undefined keeps what was saved before. Called often: it is written only when it has changed. */
  readonly save: (state: State) => unknown;
  /** From whatever the file holds: undefined if it is of no use, and the part starts anew. */
  readonly load: (saved: unknown, fresh: State) => State | undefined;
};

/** Remembers nothing: for whoever has no directory to keep things in. */
export const noKeeper: Keeper = { load: () => undefined, save: () => undefined };

/** One JSON file per name. What can't be read or written is said once, and nothing but the memory is lost. */
export const createKeeper = (directory: string, log: Logger): Keeper => {
  const written = new Map<string, string>();
  const troubles = new Map<string, string>();
  const pathOf = (name: string): string => join(directory, `${name}.json`);

  const trouble = (name: string, doing: string, error: unknown): void => {
    const reason = messageOf(error);
    if (troubles.get(name) !== reason) log.warn({ path: pathOf(name) }, `state cannot be ${doing}: ${reason}`);
    troubles.set(name, reason);
  };

  return {
    load: (name) => {
      if (!written.has(name)) removeDrafts(pathOf(name));
      try {
        return JSON.parse(readFileSync(pathOf(name), 'utf8')) as unknown;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') trouble(name, 'read', error);
        return undefined;
      }
    },
    save: (name, value) => {
      const text = value === undefined ? undefined : JSON.stringify(value);
      if (text === undefined || written.get(name) === text) return;
      try {
        replaceFile(pathOf(name), `${text}\n`);
        written.set(name, text);
        troubles.delete(name);
      } catch (error) {
        trouble(name, 'written', error);
      }
    },
  };
};
