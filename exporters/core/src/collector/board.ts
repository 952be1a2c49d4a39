import type { Clock } from '../clock';
import type { Config } from '../config/schema';
import type { TargetView } from './target';

/** How full a pool in front of a database is, as its pooler tells: what only the pool exporter can know. */
export type PoolSaturation = {
  readonly kind: 'pool-saturation';
  /** Where the pool's server connections go, as the pooler writes it; empty for a Unix socket. */
  readonly host: string;
  readonly port: number;
  /** The database on the server, whatever the pooler calls it. */
  readonly database: string;
  /** Server connections that clients use or wait for, over those that the pool may have; above 1 somebody waits. */
  readonly ratio: number;
  /** How long the first client in the queue has been waiting. */
  readonly waitSeconds: number;
};

/** How many sessions a server can have, as itself tells: what a pool in front of it must fit into. */
export type ServerRoom = {
  readonly kind: 'server-room';
  readonly host: string;
  readonly port: number;
  /** max_connections less the reserved ones. */
  readonly limit: number;
};

/** What one exporter tells the others of its process. Each kind is plain data that names what it is about. */
export type Shared = PoolSaturation | ServerRoom;

export const isPoolSaturation = (item: Shared): item is PoolSaturation => item.kind === 'pool-saturation';
export const isServerRoom = (item: Shared): item is ServerRoom => item.kind === 'server-room';

type Address = { readonly host: string; readonly port: number };

/** Addresses are compared as they are written; all ways to say "this machine" are the same. */
export const isSameServer = (a: Address, b: Address): boolean => a.port === b.port && plain(a.host) === plain(b.host);

const plain = (host: string): string =>
  /^(|\/.*|localhost|::1|127(\.\d+){3})$/i.test(host.trim()) ? 'localhost' : host.trim().toLowerCase();

/** What an exporter shares of one of its targets after each scrape of it. */
export type Share<F> = (
  view: TargetView<F>,
  about: { readonly target: string; readonly config: Config },
) => readonly Shared[];

/** Where the exporters of one process leave what others may use. Exporters in processes of their own share nothing. */
export type Board = {
  /** Replaces what `source` said before. */
  readonly post: (source: string, items: readonly Shared[]) => void;
  /** All that was said lately; what is older is as good as unknown. */
  readonly fresh: () => readonly Shared[];
};

export const FRESH_MS = 120_000;

export const createBoard = (clock: Clock): Board => {
  const posts = new Map<string, { readonly at: number; readonly items: readonly Shared[] }>();
  return {
    post: (source, items) => void posts.set(source, { at: clock.monotonic(), items }),
    fresh: () => {
      const now = clock.monotonic();
      for (const [source, { at }] of posts) if (now - at > FRESH_MS) posts.delete(source);
      return [...posts.values()].flatMap(({ items }) => items);
    },
  };
};
