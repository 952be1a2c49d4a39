import type { Clock } from '../clock';
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

/** What one exporter tells the others of its process. Each kind is plain data that names what it is about. */
export type Shared = PoolSaturation;

/** What an exporter shares of one of its targets after each scrape of it. */
export type Share<F> = (view: TargetView<F>) => readonly Shared[];

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
