import type { Thresholds } from '@submilli/core';
import { z } from 'zod';
import { type DatabaseScore, scoreOf } from './performance-score';
import { type Missing, type SignalName, signalNames, type Signals } from './signals';

const value = z.union([z.number(), z.literal('unknown'), z.literal('n/a')]);

/** The signals of one database through an incident, as the exporter read them from real servers. */
export const captureSchema = z.object({
  incident: z.string(),
  title: z.string(),
  /** What was watched, with versions. */
  servers: z.string(),
  config: z.object({ window_seconds: z.number(), sample_interval_seconds: z.number() }),
  /** Seconds since the beginning of the capture. */
  events: z.array(z.object({ at: z.number(), what: z.string() })).min(1),
  at: z.array(z.number()),
  /** 0 where the target could not be reached: no signal counts then. */
  up: z.array(z.union([z.literal(0), z.literal(1)])),
  /** One value per moment, or one for all of them. */
  signals: z.partialRecord(z.enum(signalNames), z.union([value, z.array(value)])),
});

export type Capture = z.infer<typeof captureSchema>;
export type CapturedValue = z.infer<typeof value>;

/** What the score was at one moment; null while the target was down. */
export type Moment = { readonly at: number; readonly score: DatabaseScore | null };

/** The score as it would have been published, moment by moment. */
export const replay = (capture: Capture, thresholds: Thresholds): readonly Moment[] => {
  const moments: Moment[] = [];
  let before: DatabaseScore | undefined;
  for (const [i, at] of capture.at.entries()) {
    before = capture.up[i] === 1 ? scoreOf('app', signalsAt(capture, i), thresholds, before, at * 1000) : undefined;
    moments.push({ at, score: before ?? null });
  }
  return moments;
};

const signalsAt = ({ signals }: Capture, i: number): Signals => {
  const read = (name: SignalName): number | Missing => {
    const captured = signals[name];
    const one = Array.isArray(captured) ? captured[i] : captured;
    if (typeof one === 'number') return one;
    return one === 'unknown'
      ? { missing: 'unknown', why: 'not read' }
      : { missing: 'not-applicable', why: 'not there' };
  };
  return Object.fromEntries(signalNames.map((name) => [name, read(name)])) as Signals;
};

/** A score curve as it is committed: one line per moment. */
export type GoldenMoment = {
  readonly at: number;
  readonly value: number | null;
  readonly now: number | null;
  readonly worst: string | null;
};

export const goldenOf = (moments: readonly Moment[]): readonly GoldenMoment[] =>
  moments.map(({ at, score }) => ({
    at,
    value: rounded(score?.value),
    now: rounded(score?.now),
    worst: score?.worst ?? null,
  }));

const rounded = (points: number | null | undefined): number | null =>
  points === null || points === undefined ? null : Math.round(points * 10) / 10;
