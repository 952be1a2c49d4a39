import { configSchema } from '@submilli/core';
import { enterDurations } from '../latency/ledger';
import { kindKey, type LogState, startLogState } from '../latency/state';
import { observeWindow } from '../latency/window';
import { tailFromMs } from '../log/tuner';
import { latencyOf } from './latency';

/** A log of 10 s in which one SELECT in a hundred of 10,000 takes long; of the others a tenth was drawn. */
const logOf = (longMs: number, shortMs: number): LogState => {
  const state = startLogState(configSchema.parse({}));
  const observations = [
    ...Array.from({ length: 105 }, () => ({ seconds: longMs / 1000, weight: 1 })),
    ...Array.from({ length: 990 }, () => ({ seconds: shortMs / 1000, weight: 10 })),
  ];
  const kind = { database: 'trading', type: 'select', phase: 'execute' } as const;
  const own = {
    threshold: tailFromMs(longMs / 1000) / 1000,
    sampleFrom: 0,
    rate: 0.1,
    transactions: 0,
    everything: false,
  };
  return {
    ...state,
    reading: { settings: { own, overrides: [] } } as unknown as LogState['reading'],
    ledger: enterDurations(
      state.ledger,
      observations.map((one) => ({ ...kind, ...one })),
    ),
    window: observeWindow(
      state.window,
      observations.map((one) => ({ key: kindKey('trading', 'select'), ...one })),
      0,
      10_000,
    ),
  };
};

describe('the tail of the slowest type', () => {
  it('costs as many lines as there are statements from the whole millisecond before its P99 on', () => {
    const { tail, types } = latencyOf(logOf(11.4, 2), undefined, 300, undefined, 10_000);
    expect(tail?.p99).toBeCloseTo(0.0114, 4);
    expect(tail?.linesPerSecond).toBeCloseTo(10.5);
    expect(types).toMatchObject([{ type: 'select', tailComplete: true }]);
  });

  it('takes in what lies between that and P99, by its weight', () => {
    expect(latencyOf(logOf(11.4, 11.1), undefined, 300, undefined, 10_000).tail?.linesPerSecond).toBeCloseTo(1000.5);
  });

  it('is not known without a log', () => {
    expect(latencyOf(undefined, undefined, 300, undefined, 10_000).tail).toBeUndefined();
  });
});
