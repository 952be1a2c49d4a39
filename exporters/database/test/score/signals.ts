import fc from 'fast-check';
import type { Missing, SignalName, Signals } from '../../src/score/signals';
import { signalNames } from '../../src/score/signals';

const notApplicable: Missing = { missing: 'not-applicable', why: 'not here' };

/** A database that is well, with everything known of it but what the changes say. */
export const well = (changes: Partial<Signals> = {}): Signals => ({
  ...(Object.fromEntries(signalNames.map((name) => [name, 0])) as Record<SignalName, number>),
  ...{ buffer_hits: 99.9, replication_delay: notApplicable },
  ...changes,
});

/** Any number there is, and none. */
export const anyNumber = fc.oneof(
  fc.double({ min: 0, max: 200, noNaN: true }),
  fc.double(),
  fc.constantFrom(0, -0, NaN, Infinity, -Infinity, Number.MAX_VALUE),
);

export const anyMissing: fc.Arbitrary<Missing> = fc.record({
  missing: fc.constantFrom('unknown' as const, 'not-applicable' as const),
  why: fc.constant('so'),
});

export const anySignals = fc.record(
  Object.fromEntries(signalNames.map((name) => [name, fc.oneof({ weight: 3, arbitrary: anyNumber }, anyMissing)])),
) as fc.Arbitrary<Signals>;
