import type { FileState, Owner } from '../stack/durable';

/** What is found under a path: a file, or none in a folder of somebody's. */
export type Found =
  | { readonly file: FileState }
  | { readonly file: undefined; /** undefined: there is no such folder. */ readonly folder: Owner | undefined };

/** A machine that files are put on. Each act is whole or not done, also when we or the machine are killed at it. */
export type Machine = {
  readonly name: string;
  /** Where that is, for people. */
  readonly title: string;
  readonly read: (paths: readonly string[]) => Promise<ReadonlyMap<string, Found>>;
  /** Nobody ever reads half of it, and it never has a wider mode than it ends with. */
  readonly write: (path: string, file: FileState) => Promise<void>;
  readonly remove: (path: string) => Promise<void>;
  /** Removes what a kill may have left beside a path. */
  readonly tidy: (path: string) => Promise<void>;
  /** Runs a program there, without a terminal. Throws a `SubmilliError` with its most telling line. */
  readonly run: (command: readonly string[], purpose: string) => Promise<string>;
  /** Puts down a file that was not there; the text of the one that was, otherwise. */
  readonly claim: (path: string, text: string) => Promise<string | undefined>;
};
