import { defineDerived } from '@submilli/core';
import { type ExplainedSlow, explainSlow } from '../slow/explained';
import { log } from '../samplers/log';
import { running } from '../samplers/running';

/** Slow statements of the log with what their sessions waited for. What was joined once stays, as sightings fade. */
export const slow = defineDerived({
  name: 'slow',
  source: 'log, running',
  metrics: {},
  derive: (snapshots, _env, before: readonly ExplainedSlow[] | undefined) => {
    const state = snapshots.of(log);
    if (state === undefined) return [];
    const known = new Map((before ?? []).map((one) => [keyOf(one), one]));
    const found = explainSlow(state.slow, snapshots.of(running)?.recent ?? []);
    return found.map((one) => {
      const earlier = known.get(keyOf(one));
      return earlier !== undefined && earlier.seen > one.seen ? earlier : one;
    });
  },
  publish: () => [],
});

const keyOf = ({ file, offset, endedAt }: ExplainedSlow): string => `${file} ${offset} ${endedAt}`;
