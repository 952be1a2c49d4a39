import { configAnswer } from '../patroni/schema';
import { type Fault, predict } from './predict';

const of = (json: object, version: string, fault: Fault) =>
  predict(configAnswer.parse(json), version).find((one) => one.fault === fault);

/** Medians of runs on loopback with three etcd members (docs/failovers.md), each with the configuration it was run on. */
const S = { ttl: 8, loop_wait: 1, retry_timeout: 8 };
const F = { ttl: 5, loop_wait: 1, retry_timeout: 2, primary_start_timeout: 0, failsafe_mode: true };
const P = { ttl: 20, loop_wait: 1, retry_timeout: 3, primary_start_timeout: 0, failsafe_mode: true };
const measured: readonly (readonly [Fault, object, string, number])[] = [
  ['switchover', F, '3.0.2', 1.7],
  ['switchover', F, '3.1.2', 1.6],
  ['switchover', P, '4.1.4', 2.7],
  ['postmaster-crash', F, '3.0.2', 2.8],
  ['postmaster-crash', P, '4.1.4', 3.0],
  ['node-loss', S, '3.0.2', 8.0],
  ['node-loss', F, '3.1.2', 5.4],
  ['node-loss', P, '4.1.4', 20.4],
  // The same ttl of 8, raised by a newer version.
  ['node-loss', { ...S, retry_timeout: 3 }, '4.1.4', 20.4],
  ['network', S, '3.0.2', 9.9],
  ['network', F, '3.1.2', 7.1],
  ['network', P, '4.1.4', 22.2],
  ['hang', F, '3.1.2', 7.6],
  ['hang', P, '4.1.4', 21.9],
  ['dcs', P, '4.1.4', 0.1],
];

describe('the predicted time of a recovery', () => {
  it.each(measured)(
    'from %s with %j on Patroni %s is near the %f s that were measured',
    (fault, json, version, seconds) => {
      const { seconds: told, low, high } = of(json, version, fault) ?? {};
      expect(Math.abs((told ?? NaN) - seconds)).toBeLessThanOrEqual(0.6);
      expect(low).toBeLessThanOrEqual(told ?? NaN);
      expect(high).toBeGreaterThanOrEqual(told ?? NaN);
    },
  );

  it('has no end without the store, unless failsafe mode is on', () => {
    expect(of(S, '3.0.2', 'dcs')).toMatchObject({ seconds: null });
    expect(of(F, '3.0.2', 'dcs')).toMatchObject({ seconds: 0 });
  });

  it('after a crash may be as long as the primary is given to start', () => {
    expect(of({ ttl: 30, loop_wait: 10, retry_timeout: 10 }, '4.1.4', 'postmaster-crash')?.high).toBe(320);
    expect(of(P, '4.1.4', 'postmaster-crash')?.high).toBe(3.5);
  });
});
