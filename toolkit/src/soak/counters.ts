import type { Answer } from './exposition';
import { nameOf } from './exposition';

/** One look at a target's counters. */
export type Sight = {
  /** Seconds. */
  readonly at: number;
  readonly source: string;
  readonly answer: Pick<Answer, 'values' | 'counting'>;
  /** Whose life a counter is counted in: a text that is another as soon as it may begin anew. */
  readonly lifeOf: (name: string) => string;
};

export type Backwards = {
  readonly at: number;
  readonly source: string;
  readonly series: string;
  readonly from: number;
  readonly to: number;
};

/** Sums of doubles lose a last digit. */
const TOLERANCE = 1e-9;
const CONNECTS = 'db_exporter_connects_total';

type Seen = { readonly value: number; readonly life: string; readonly look: number };

/**
 * Watches counters for steps back. `beginsAnew` has the names of those that belong to a session of the exporter, or are
 * ranked: they may begin anew when the exporter has connected again (which it counts), or after they were not shown.
 */
export const watchCounters = (beginsAnew: ReadonlySet<string>): { readonly see: (sight: Sight) => Backwards[] } => {
  const sources = new Map<string, { looks: number; connectedAt: number; connects: number; seen: Map<string, Seen> }>();
  return {
    see: ({ at, source, answer, lifeOf }) => {
      const state = sources.get(source) ?? { looks: 0, connectedAt: 0, connects: NaN, seen: new Map<string, Seen>() };
      sources.set(source, state);
      state.looks += 1;
      const connects = answer.values.get(CONNECTS) ?? NaN;
      if (state.looks > 1 && connects !== state.connects) state.connectedAt = state.looks;
      state.connects = connects;
      const back: Backwards[] = [];
      for (const [series, value] of answer.values) {
        const name = nameOf(series);
        if (!answer.counting.has(name)) continue;
        const life = lifeOf(name);
        const before = state.seen.get(series);
        state.seen.set(series, { value, life, look: state.looks });
        if (before?.life !== life || value >= before.value * (1 - TOLERANCE)) continue;
        // A connection is counted when it is there, and what is read over it is shown a moment later.
        const mayBegin = state.connectedAt >= before.look || before.look < state.looks - 1;
        if (beginsAnew.has(name) && mayBegin) continue;
        back.push({ at, source, series, from: before.value, to: value });
      }
      return back;
    },
  };
};
