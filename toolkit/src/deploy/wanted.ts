import type { Dcs } from './dcs';
import type { ServiceName } from './step';

/** What a file is to who reads it. */
export type Part =
  /** The configuration that a service reads. */
  | { readonly of: ServiceName; readonly is: 'configuration' }
  /** Read again whenever the service is told to. */
  | { readonly of: ServiceName; readonly is: 'beside' }
  /** Nobody is told: it counts from the next start on, or for who does what `note` says. */
  | { readonly of: undefined; readonly note: string | undefined };

export type WantedFile = {
  readonly machine: string;
  readonly path: string;
  readonly content: Buffer;
  /** Of a new file; one that is there keeps its own. */
  readonly mode: number;
  readonly part: Part;
  /** Passwords or keys: shown as changed, never how. */
  readonly secret: boolean;
  /** Somebody else writes it once it is there. */
  readonly once: boolean;
};

/** What shall be. */
export type Wanted = {
  readonly cluster: string;
  readonly dcs: Dcs;
  readonly files: readonly WantedFile[];
  /** Why a setting has its value, by its name. */
  readonly whys: ReadonlyMap<string, string>;
};

export const keyOf = ({ machine, path }: { readonly machine: string; readonly path: string }): string =>
  `${machine}:${path}`;
