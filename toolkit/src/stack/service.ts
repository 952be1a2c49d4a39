import type { Account } from '@submilli/local-postgres';

/** Something a service answers on, one line of the stack's table. `port` is on 127.0.0.1, or on the service's host. */
export type Endpoint = { readonly what: string; readonly url: string; readonly port: number };

/**
 * What may happen when a service ends by itself once the stack is up. Without one it stays down and the table says so;
 * the workload has one, because pgbench gives up at a failover and ends when its time is over.
 */
export type RestartPolicy = {
  /** First pause after a failure; doubled for each further one up to `maxDelayMs`, back to the first after a good run. */
  readonly minDelayMs: number;
  readonly maxDelayMs: number;
  /** Starts allowed in any minute and in the stack's whole life: whatever happens, it ends. */
  readonly perMinute: number;
  readonly total: number;
};

/**
 * One long-running process of the stack: how to start it, how to see that it is ready, how to stop it.
 *
 * A service is always a command that the supervisor spawns itself, in a session of its own, with standard output and
 * error in `logs/NAME.log`. So Ctrl-C reaches only the supervisor, `stack stop NAME` and `stack start NAME` work for
 * every service, and a stack whose supervisor was killed can still be stopped from what `state.json` recorded. Anything
 * to be prepared first (initdb, a rendered file, a seeded database) is a task step before the service's step.
 */
export type Service = {
  /** Short and unique: its row in the table, its log file, `stack stop NAME`. */
  readonly name: string;
  /** What it is, for people: "PostgreSQL and Patroni, first member". */
  readonly title: string;
  readonly command: string;
  readonly args: readonly string[];
  /** The whole environment besides PATH, LC_ALL and TZ: nothing leaks in from the caller's. */
  readonly env?: Readonly<Record<string, string>>;
  /** Default: the state directory. */
  readonly cwd?: string;
  /** The host of the plan's network it runs on; default: where the supervisor is. */
  readonly host?: string | undefined;
  /** Who runs it; `undefined` is whoever runs the supervisor. */
  readonly account: Account | undefined;
  readonly endpoints: readonly Endpoint[];
  /**
   * One look at whether the service works, also used by `stack status`: resolves with a word or two for the table
   * ("primary"), or undefined; rejects with the reason why not (yet). The supervisor repeats it during start-up, so it
   * must neither wait nor retry, and must give up when `signal` fires.
   */
  readonly ready: (signal: AbortSignal) => Promise<string | undefined>;
  /** How long start-up may take before it counts as failed. */
  readonly readySeconds: number;
  /** Default SIGTERM. */
  readonly stopSignal?: NodeJS.Signals;
  /** Patience after `stopSignal` before SIGKILL; default 10. */
  readonly stopSeconds?: number;
  /** A data directory whose postmaster is not the process we spawn (Patroni's): checked for leftovers when stopping. */
  readonly dataDir?: string;
  readonly restart?: RestartPolicy;
};
