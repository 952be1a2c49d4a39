import fc from 'fast-check';
import { type Dcs, differenceOf, isSameValue, nameOf, patched, patchOf, pathsOf } from './dcs';
import { inverse, type SettingChange, type Step } from './step';

const live: Dcs = {
  ttl: 30,
  slots: { other: { type: 'physical' } },
  postgresql: { use_slots: true, parameters: { work_mem: '4MB', wal_keep_size: '256', jit: 'off' } },
};
const wanted: Dcs = {
  ttl: 20,
  postgresql: { use_slots: true, parameters: { work_mem: '16MB', wal_keep_size: 256, autovacuum: 'on' } },
};

/** What a change comes to when Patroni has taken it. */
const after = (from: Dcs, changes: readonly SettingChange[]): Dcs => patched(from, patchOf(changes));

describe('Patroni’s dynamic configuration', () => {
  it('is changed where it differs, and a number in quotes does not', () => {
    const { changes } = differenceOf(live, wanted, []);
    expect(changes.map(({ path, before, after: to }) => [nameOf(path), before, to])).toEqual([
      ['ttl', 30, 20],
      ['work_mem', '4MB', '16MB'],
      ['autovacuum', null, 'on'],
    ]);
  });

  it('keeps what somebody else has put there, and says so', () => {
    const { foreign } = differenceOf(live, wanted, []);
    expect(foreign.map(({ path }) => nameOf(path))).toEqual(['slots', 'jit']);
  });

  it('loses what the last deploy put there and is not wanted any more', () => {
    const { changes, foreign } = differenceOf(live, wanted, [['postgresql', 'parameters', 'jit']]);
    expect(changes).toContainEqual({ path: ['postgresql', 'parameters', 'jit'], before: 'off', after: null });
    expect(foreign.map(({ path }) => nameOf(path))).toEqual(['slots']);
  });

  const scalar = fc.oneof(fc.integer(), fc.boolean(), fc.constantFrom('4MB', 'on', 'replica'));
  const map = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'pg_stat_statements.max'), scalar);
  const dcs = fc.record(
    { ttl: scalar, slots: map, postgresql: fc.record({ use_slots: fc.boolean(), parameters: map }) },
    { requiredKeys: [] },
  );
  const isSame = (one: unknown, other: unknown): boolean => {
    const isMap = (value: unknown): value is Dcs => typeof value === 'object' && value !== null;
    if (!isMap(one) || !isMap(other)) return isSameValue(one, other);
    return [...new Set([...Object.keys(one), ...Object.keys(other)])].every((key) => isSame(one[key], other[key]));
  };

  /** Sections without a setting in them say nothing. */
  const whole = (one: Dcs): Dcs => ({
    ...one,
    postgresql: { parameters: {}, ...(one.postgresql as object | undefined) },
  });

  it('is, after a change, what was wanted', () => {
    fc.assert(
      fc.property(dcs, dcs, (from, to) => {
        const { changes } = differenceOf(from, to, pathsOf(from));
        expect(isSame(whole(after(from, changes)), whole(to))).toBe(true);
      }),
    );
  });

  it('is, after a change and its inverse, what it was', () => {
    fc.assert(
      fc.property(dcs, dcs, (from, to) => {
        const step: Step = { kind: 'settings', changes: [...differenceOf(from, to, pathsOf(from)).changes] };
        const back = inverse(step) as typeof step;
        expect(isSame(whole(after(after(from, step.changes), back.changes)), whole(from))).toBe(true);
      }),
    );
  });
});
