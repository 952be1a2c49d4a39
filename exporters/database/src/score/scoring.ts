import type { Thresholds } from '@submilli/core';
import { curve } from './curve';
import {
  type ComponentName,
  componentNames,
  components,
  type Missing,
  type SignalName,
  type Signals,
  signalNames,
  signals as declarations,
  thresholdOf,
} from './signals';

/** A signal against its thresholds. */
export type Check = {
  readonly signal: SignalName;
  readonly value: number | null;
  readonly missing: Missing | null;
  readonly warning: number;
  readonly critical: number;
  /** 0 to 100; null when the value is missing. */
  readonly points: number | null;
};

export type Component = {
  readonly component: ComponentName;
  readonly weight: number;
  /** Those of its worst signal: what is well doesn't make up for what isn't. Null when no signal is known. */
  readonly points: number | null;
  /** Share of its applicable signals that are known; null when none is applicable. */
  readonly coverage: number | null;
  readonly checks: readonly Check[];
};

/** The most that the score may be, and why. */
export type Cap = { readonly at: number; readonly component: ComponentName; readonly why: 'component' | HardFact };

/** What makes every other figure beside the point. */
export type HardFact = 'wraparound' | 'checksums';

/** What the signals of one moment say, without memory. */
export type Assessment = {
  /** 0 to 100, or null when nothing is known. */
  readonly now: number | null;
  readonly coverage: number;
  /** The cap that holds, or null when the weighted mean is lower than all of them. */
  readonly cap: Cap | null;
  /** The component that costs the score most; null when nothing costs anything. */
  readonly worst: ComponentName | null;
  readonly components: readonly Component[];
};

/** Below so many points a component is on fire, and caps the score. */
export const FIRE = 50;
/** The cap of a hard fact. */
export const HARD_CAP = 30;
/** At so many transaction ids vacuum drops everything else to save the server: vacuum_failsafe_age. */
export const FAILSAFE_AGE = 1.6e9;
const FAILSAFE_PERCENT = (100 * FAILSAFE_AGE) / 2 ** 31;

export const assess = (signals: Signals, thresholds: Thresholds): Assessment => {
  const all = componentNames.map((name) => componentOf(name, signals, thresholds));
  const known = all.filter(isKnown);
  const mean = meanOf(known);
  if (mean === null) return { now: null, coverage: 0, cap: null, worst: null, components: all };
  const lowest = lowestOf([...known.flatMap(capOf), ...hardCaps(signals)]);
  const cap = lowest !== undefined && lowest.at < mean ? lowest : null;
  return {
    now: cap?.at ?? mean,
    coverage: coverageOf(all),
    cap,
    worst: cap?.component ?? costliest(known),
    components: all,
  };
};

type Known = Component & { readonly points: number };
const isKnown = (component: Component): component is Known => component.points !== null;

const componentOf = (component: ComponentName, signals: Signals, thresholds: Thresholds): Component => {
  const checks = signalNames
    .filter((name) => declarations[name].component === component)
    .map((name) => checkOf(name, signals[name], thresholds));
  const points = checks.flatMap((check) => check.points ?? []);
  const applicable = checks.filter(({ missing }) => missing?.missing !== 'not-applicable');
  return {
    component,
    weight: components[component].weight,
    points: points.length === 0 ? null : Math.min(...points),
    coverage: applicable.length === 0 ? null : points.length / applicable.length,
    checks,
  };
};

const checkOf = (signal: SignalName, read: number | Missing, thresholds: Thresholds): Check => {
  const warning = thresholdOf(declarations[signal].warning, thresholds);
  const critical = thresholdOf(declarations[signal].critical, thresholds);
  const known = typeof read === 'number' && !Number.isNaN(read);
  if (known) return { signal, value: read, missing: null, warning, critical, points: curve(read, warning, critical) };
  const missing: Missing = typeof read === 'number' ? { missing: 'unknown', why: 'what was read is no number' } : read;
  return { signal, value: null, missing, warning, critical, points: null };
};

const meanOf = (known: readonly Known[]): number | null => {
  const weight = sum(known.map((component) => component.weight));
  if (weight === 0) return null;
  return Math.min(100, sum(known.map((component) => component.weight * component.points)) / weight);
};

/** By weight; what is not applicable is no gap. */
const coverageOf = (all: readonly Component[]): number => {
  const applicable = all.filter(({ coverage }) => coverage !== null);
  const weight = sum(applicable.map((component) => component.weight));
  return weight === 0 ? 0 : sum(applicable.map((component) => component.weight * (component.coverage ?? 0))) / weight;
};

/** From 100 at `FIRE` points down to the component's floor at none: a straight line, so that nothing jumps. */
const capOf = ({ component, points }: Known): readonly Cap[] => {
  const { floor } = components[component];
  const at = floor + (100 - floor) * Math.min(1, points / FIRE);
  return at < 100 ? [{ at, component, why: 'component' }] : [];
};

const hardCaps = (signals: Signals): readonly Cap[] => {
  const atLeast = (name: SignalName, limit: number): boolean => {
    const value = signals[name];
    return typeof value === 'number' && value >= limit;
  };
  const caps: Cap[] = [];
  if (atLeast('transaction_id_age', FAILSAFE_PERCENT) || atLeast('multixact_age', FAILSAFE_PERCENT)) {
    caps.push({ at: HARD_CAP, component: 'vacuum_and_wraparound', why: 'wraparound' });
  }
  if (atLeast('checksum_failures', 1)) caps.push({ at: HARD_CAP, component: 'errors', why: 'checksums' });
  return caps;
};

const lowestOf = (caps: readonly Cap[]): Cap | undefined =>
  caps.reduce<Cap | undefined>((low, cap) => (low === undefined || cap.at <= low.at ? cap : low), undefined);

const costliest = (known: readonly Known[]): ComponentName | null => {
  const lost = ({ weight, points }: Known): number => weight * (100 - points);
  const worst = known.reduce<Known | undefined>(
    (most, part) => (lost(part) > (most === undefined ? 0 : lost(most)) ? part : most),
    undefined,
  );
  return worst?.component ?? null;
};

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);

/** What the score would be if one component were well, all else being as it is. */
export const scoreWithout = (component: ComponentName, signals: Signals, thresholds: Thresholds): number | null => {
  const healed = signalNames
    .filter((name) => declarations[name].component === component && typeof signals[name] === 'number')
    .map((name) => [name, thresholdOf(declarations[name].warning, thresholds)] as const);
  return assess({ ...signals, ...Object.fromEntries(healed) }, thresholds).now;
};
