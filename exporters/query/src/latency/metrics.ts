import { histogram } from '@submilli/core';

/** Seconds, from 25 µs to 10 s, close to each other where a trading system's budget is; what was promised is a bound. */
export const LATENCY_BUCKETS: readonly number[] = [
  ...[25e-6, 50e-6, 75e-6, 1e-4, 1.5e-4, 2e-4, 2.5e-4, 3e-4, 4e-4, 5e-4, 7.5e-4],
  ...[1e-3, 1.5e-3, 2e-3, 2.5e-3, 3e-3, 5e-3, 7.5e-3, 0.01, 0.015, 0.02, 0.03, 0.05, 0.075],
  ...[0.1, 0.25, 0.5, 1, 2.5, 5, 10],
];

/** By whoever saw a commit: each in its own way, never to be added up. */
export const commitDuration = histogram(
  'db_commit_duration_seconds',
  'How long commits take. source="log": COMMIT lines of the server log, weighted, for transactions that BEGIN; "canary": those of our own probe, as a client sees them. A commit without BEGIN under the extended protocol is in no log line and in no statement’s time.',
  ['database', 'source'],
);
