import type { ExporterName } from '@submilli/core';
import type { Backwards } from './counters';
import type { Folder, Holdings } from './processes';

/** What a soak writes down while it runs; all judging is of this. Moments are seconds since its start. */

/** One collection of one target, or why there was none. */
export type Scrape = {
  readonly at: number;
  /** How long it took. */
  readonly seconds: number;
  readonly exporter: ExporterName;
  readonly target: string;
  /** Why there was no answer; null for one. */
  readonly failed: string | null;
  readonly up: boolean;
  readonly failing: readonly string[];
  readonly series: number;
  /** The family with the most series. */
  readonly largest: { readonly name: string; readonly series: number } | null;
  /** Its server had not run for so long when this was asked for; null while it runs. */
  readonly goneSeconds: number | null;
  /** Names that were shown of a target that is down and are about the target. */
  readonly stale: readonly string[];
  /** The exporter was there the whole time, neither ended nor starting. */
  readonly exporterRan: boolean;
};

/** What an exporter's process held. `life` is another after a restart. */
export type Process = {
  readonly at: number;
  readonly service: string;
  readonly life: string;
  readonly holdings: Holdings;
  /** From its own metrics; null where it did not answer. */
  readonly heapBytes: number | null;
  readonly resources: number | null;
  readonly timers: number | null;
};

/** Sessions of ours, as a server or the pool counts them. */
export type Sessions = {
  readonly at: number;
  readonly where: string;
  readonly life: string;
  readonly count: number;
};

/** Our counter between two readings of the server's own. */
export type Mirror = {
  readonly at: number;
  readonly what: string;
  readonly before: number;
  readonly shown: number;
  readonly after: number;
};

export type FaultRecord = {
  readonly kind: string;
  readonly what: string;
  readonly at: number;
  /** When it was taken back, or had done its work. */
  readonly mendedAt: number;
  /** When the cluster was whole again; null: it was not, and why is in `trouble`. */
  readonly wholeAt: number | null;
  /** When all exporters showed everything again. */
  readonly wellAt: number | null;
  /** How many collections of each target that took after the cluster was whole. */
  readonly scrapes: number;
  readonly trouble: string | null;
  /** What a person would have had to do. */
  readonly helped: readonly string[];
};

export type Recording = {
  readonly startedAt: string;
  readonly seconds: number;
  readonly scrapes: readonly Scrape[];
  readonly processes: readonly Process[];
  readonly sessions: readonly Sessions[];
  readonly folders: readonly ({ readonly at: number } & Folder)[];
  readonly backwards: readonly Backwards[];
  readonly mirrors: readonly Mirror[];
  /** Answers under /api/v1 that were none. */
  readonly refused: readonly { readonly at: number; readonly url: string; readonly why: string }[];
  readonly asked: number;
  readonly faults: readonly FaultRecord[];
  /** Promotions: as Patroni's timeline has grown, and as our counter has. */
  readonly failovers: { readonly timelines: number; readonly counted: number } | null;
  /** Lines of the exporters' logs that say that kept state could not be read. */
  readonly unreadable: readonly string[];
};
