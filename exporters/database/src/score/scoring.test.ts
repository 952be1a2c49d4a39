import { configSchema } from '@submilli/core';
import fc from 'fast-check';
import { anyMissing, anySignals, well } from '../../test/score/signals';
import { curve } from './curve';
import { assess, FAILSAFE_AGE, HARD_CAP, scoreWithout } from './scoring';
import { componentNames, components, signalNames, signals as declarations, type Signals, thresholdOf } from './signals';

const { thresholds } = configSchema.parse({});
const scoreOf = (signals: Signals): number => assess(signals, thresholds).now ?? NaN;
const signal = fc.constantFrom(...signalNames);

describe('the curve of a signal', () => {
  it('is full at the warning threshold, empty at the critical one, and half way between', () => {
    expect([curve(70, 70, 90), curve(90, 70, 90), curve(80, 70, 90)]).toEqual([100, 0, 50]);
    expect([curve(90, 90, 80), curve(80, 90, 80), curve(85, 90, 80)]).toEqual([100, 0, 50]);
  });
});

describe('the score of a moment', () => {
  it('is full for a database that is well', () => {
    expect(assess(well(), thresholds)).toMatchObject({ now: 100, coverage: 1, cap: null, worst: null });
  });

  it('is a number from 0 to 100 whatever is read, or none when nothing is known', () => {
    fc.assert(
      fc.property(anySignals, (signals) => {
        const { now, coverage, components: parts } = assess(signals, thresholds);
        const known = signalNames.some((name) => typeof signals[name] === 'number' && !Number.isNaN(signals[name]));
        if (known) expect(now).toBeGreaterThanOrEqual(0);
        else expect(now).toBeNull();
        expect(now ?? 0).toBeLessThanOrEqual(100);
        for (const { points } of parts) expect(points ?? 0).not.toBeNaN();
        expect(coverage).toBeGreaterThanOrEqual(0);
        expect(coverage).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('never rises when a signal gets worse, each of them and whatever the others are', () => {
    const number = fc.double({ min: -10, max: 3000, noNaN: true });
    fc.assert(
      fc.property(anySignals, signal, number, number, (signals, name, a, b) => {
        const { warning, critical } = declarations[name];
        const rising = thresholdOf(warning, thresholds) < thresholdOf(critical, thresholds);
        const [better, worse] = a < b === rising ? [a, b] : [b, a];
        expect(scoreOf({ ...signals, [name]: worse })).toBeLessThanOrEqual(scoreOf({ ...signals, [name]: better }));
      }),
      { numRuns: 1000 },
    );
  });

  it('does not jump: a small step of a signal is a small step of the score, hard facts aside', () => {
    const soft = signalNames.filter((name) => name !== 'checksum_failures');
    fc.assert(
      fc.property(fc.constantFrom(...soft), fc.double({ min: 0, max: 1, noNaN: true }), (name, share) => {
        const warning = thresholdOf(declarations[name].warning, thresholds);
        const critical = thresholdOf(declarations[name].critical, thresholds);
        const at = (part: number): number => scoreOf(well({ [name]: warning + part * (critical - warning) }));
        // The steepest cap loses 70 points over half a curve; that of wraparound then stands 1.4 points above the hard one.
        expect(Math.abs(at(share) - at(share + 0.001))).toBeLessThan(2.2);
      }),
      { numRuns: 1000 },
    );
  });

  it('changes only its coverage when a component without data is added or lost', () => {
    fc.assert(
      fc.property(anyMissing, anyMissing, (one, other) => {
        const with_ = assess(well({ pool_saturation: one, pool_wait: one, rollbacks: 5 }), thresholds);
        const without = assess(well({ pool_saturation: other, pool_wait: other, rollbacks: 5 }), thresholds);
        expect({ ...with_, coverage: 0, components: [] }).toEqual({ ...without, coverage: 0, components: [] });
      }),
    );
    const unknown = { missing: 'unknown', why: 'so' } as const;
    expect(assess(well({ pool_saturation: unknown, pool_wait: unknown }), thresholds).coverage).toBeCloseTo(0.9);
    expect(assess(well({ pool_wait: unknown }), thresholds).coverage).toBeCloseTo(0.95);
  });

  it('counts what is not applicable as no gap', () => {
    const none = { missing: 'not-applicable', why: 'no standby' } as const;
    expect(assess(well({ replication_lag: none }), thresholds).coverage).toBe(1);
  });

  it.each(componentNames)('falls to the floor of %s when that alone has no points, and names it', (component) => {
    const dead = signalNames
      .filter((name) => declarations[name].component === component && name !== 'checksum_failures')
      .map((name) => [name, thresholdOf(declarations[name].critical, thresholds)]);
    const { now, worst, cap } = assess(well(Object.fromEntries(dead) as Partial<Signals>), thresholds);
    const hard = component === 'vacuum_and_wraparound';
    expect({ now, worst }).toEqual({ now: hard ? HARD_CAP : components[component].floor, worst: component });
    expect(cap).toMatchObject({ component });
  });

  it('is the weighted mean while nothing is on fire', () => {
    const half = assess(well({ rollbacks: 5.5 }), thresholds);
    expect(half).toMatchObject({ now: 95, cap: null, worst: 'errors' });
  });

  it('is lower for two fires than for one', () => {
    const one = scoreOf(well({ lock_waiters: 20 }));
    const all = well(Object.fromEntries(signalNames.map((name) => [name, 1e9])));
    expect(scoreOf({ ...all, buffer_hits: 0 })).toBe(0);
    expect(one).toBe(30);
  });

  it('is at most 30 with a page of wrong checksum, or transaction ids that are about to run out', () => {
    expect(assess(well({ checksum_failures: 1 }), thresholds).cap).toEqual({
      ...{ at: HARD_CAP, component: 'errors', why: 'checksums' },
    });
    const relaxed = { ...thresholds, wraparound_warning: 98, wraparound_critical: 99 };
    for (const name of ['transaction_id_age', 'multixact_age'] as const) {
      const aged = well({ [name]: (100 * FAILSAFE_AGE) / 2 ** 31 });
      expect(assess(aged, relaxed).cap).toEqual({ at: 30, component: 'vacuum_and_wraparound', why: 'wraparound' });
    }
  });

  it('says what it would be if a component were well', () => {
    const signals = well({ lock_waiters: 20, rollbacks: 5.5 });
    expect(scoreWithout('locks_and_waits', signals, thresholds)).toBe(95);
    expect(scoreWithout('errors', signals, thresholds)).toBe(30);
  });

  it('is never lower for healing a component', () => {
    fc.assert(
      fc.property(anySignals, fc.constantFrom(...componentNames), (signals, component) => {
        const now = scoreOf(signals);
        if (!Number.isNaN(now)) expect(scoreWithout(component, signals, thresholds)).toBeGreaterThanOrEqual(now);
      }),
    );
  });
});
