import { addAll, emptySketch, merge, type Weighted } from './sketch';
import type { Strata } from './estimate';

/** An observation with the kind of statement it belongs to. A weight of 1 is one of a census: it is of the tail. */
export type Observation = Weighted & { readonly key: string };

/** What was observed in some seconds, by kind. `start` and `end` on the clock that the caller uses, in milliseconds. */
export type Slot = { readonly start: number; readonly end: number; readonly strata: ReadonlyMap<string, Strata> };

/** A window that moves on by slots: it covers the seconds it is asked to, and up to one slot more. */
export type Window = { readonly seconds: number; readonly slots: readonly Slot[] };

const SLOTS = 10;

/** Kinds that are told apart in a slot; those that come later are left out, and counted by the caller. */
export const MOST_KINDS = 1000;

export const startWindow = (seconds: number): Window => ({ seconds, slots: [] });

/** Takes in what was observed between two moments. */
export const observeWindow = (
  window: Window,
  observations: readonly Observation[],
  since: number,
  now: number,
): Window => {
  const slotMs = (window.seconds * 1000) / SLOTS;
  const kept = window.slots.filter(({ end }) => end > now - window.seconds * 1000);
  const last = kept.at(-1);
  const isOpen = last !== undefined && now - last.start < slotMs;
  const slot: Slot = {
    start: isOpen ? last.start : since,
    end: now,
    strata: addObservations(isOpen ? last.strata : new Map(), observations),
  };
  return { ...window, slots: [...(isOpen ? kept.slice(0, -1) : kept), slot] };
};

const addObservations = (strata: Slot['strata'], observations: readonly Observation[]): Slot['strata'] => {
  const byKey = new Map<string, Observation[]>();
  for (const observation of observations) {
    const list = byKey.get(observation.key);
    if (list === undefined) byKey.set(observation.key, [observation]);
    else list.push(observation);
  }
  const next = new Map(strata);
  for (const [key, all] of byKey) {
    const before = next.get(key) ?? nothing;
    if (before === nothing && next.size >= MOST_KINDS) continue;
    const drawn = all.filter(({ weight }) => weight !== 1);
    const sure = drawn.length === 0 ? all : all.filter(({ weight }) => weight === 1);
    next.set(key, {
      tail: sure.length === 0 ? before.tail : addAll(before.tail, sure),
      body: drawn.length === 0 ? before.body : addAll(before.body, drawn),
      drawn: before.drawn + drawn.length,
    });
  }
  return next;
};

const nothing: Strata = { tail: emptySketch, body: emptySketch, drawn: 0 };

/** All of the window, by kind. */
export const strataOf = ({ slots }: Window): ReadonlyMap<string, Strata> => {
  const lists = new Map<string, Strata[]>();
  for (const slot of slots) {
    for (const [key, strata] of slot.strata) {
      const list = lists.get(key);
      if (list === undefined) lists.set(key, [strata]);
      else list.push(strata);
    }
  }
  return new Map([...lists].map(([key, list]) => [key, mergeStrata(list)]));
};

export const mergeStrata = (list: readonly Strata[]): Strata => ({
  tail: merge(list.map(({ tail }) => tail)),
  body: merge(list.map(({ body }) => body)),
  drawn: list.reduce((sum, { drawn }) => sum + drawn, 0),
});

/** From when to when it was observed; nothing before the first beat. */
export const spanOf = ({ slots }: Window): { readonly since: number; readonly until: number } | undefined => {
  const [first] = slots;
  const last = slots.at(-1);
  return first === undefined || last === undefined ? undefined : { since: first.start, until: last.end };
};
