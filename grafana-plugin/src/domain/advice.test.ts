import fc from 'fast-check';
import { recommendationsAnswer } from '@submilli/api/recommendations';
import captured from '../../test/fixtures/recommendations-0.1.0.json';
import {
  type Advice,
  bySeverity,
  concerns,
  countOpen,
  filterAdvice,
  groupAdvice,
  groupings,
  isOpen,
  relativeGain,
} from './advice';

const answer = recommendationsAnswer.parse(captured);
const all = answer.recommendations.map((one): Advice => ({ ...one, exporter: 'query' }));
const [first] = all as [Advice, ...Advice[]];
const impact = (before: string | null, after: string | null) => ({ ...first.impact, before, after });
const open = { states: 'open', severity: '', target: '', text: '' } as const;

describe('advice', () => {
  it('that is open is what somebody should still see to', () => {
    expect(isOpen({ state: 'open' })).toBe(true);
    expect(isOpen({ state: 'regressed' })).toBe(true);
    expect(isOpen({ state: 'snoozed' })).toBe(false);
    expect(isOpen({ state: 'verified' })).toBe(false);
  });

  it('is filtered by state, severity, target and all of the words', () => {
    expect(filterAdvice(all, open)).toHaveLength(all.length);
    expect(filterAdvice(all, { ...open, states: 'done' })).toEqual([]);
    expect(filterAdvice(all, { ...open, severity: 'nothing' })).toEqual([]);
    expect(filterAdvice(all, { ...open, target: 'elsewhere' })).toEqual([]);
    const [word = ''] = first.title.toLowerCase().split(' ').slice(-1);
    expect(filterAdvice(all, { ...open, text: word })).toContain(first);
    expect(filterAdvice(all, { ...open, text: `${word} nowhere-to-be-found` })).toEqual([]);
  });

  it('comes with the most severe first, then the largest gain', () => {
    const critical: Advice = { ...first, id: 'c', severity: 'critical' };
    const small: Advice = { ...first, id: 's', impact: impact('10', '9') };
    const large: Advice = { ...first, id: 'l', impact: impact('10 ms', '1 ms') };
    const vague: Advice = { ...first, id: 'v', impact: impact(null, null) };
    const same = [vague, small, critical, large].map((one): Advice =>
      one.id === 'c' ? one : { ...one, severity: 'warning' },
    );
    expect([...same].sort(bySeverity).map(({ id }) => id)).toEqual(['c', 'l', 's', 'v']);
  });

  it('has a gain where it is told in numbers of one unit', () => {
    expect(relativeGain(impact('1,231', '15'))).toBeCloseTo(0.988, 3);
    expect(relativeGain(impact('8 MB', '0 kB'))).toBe(1);
    expect(relativeGain(impact('8 MB', 'none'))).toBe(1);
    expect(relativeGain(impact('8 MB', '4 kB'))).toBeNull();
    expect(relativeGain(impact('the whole table is read', 'the index is read'))).toBeNull();
    expect(relativeGain(impact('1 ms', '2 ms'))).toBe(0);
  });

  it('is in exactly one group, whatever it is grouped by', () => {
    fc.assert(
      fc.property(fc.constantFrom(...groupings), fc.subarray(all), (by, some) => {
        const grouped = groupAdvice(some, by).flatMap(({ advice }) => advice);
        expect(grouped.map(({ id }) => id).sort()).toEqual(some.map(({ id }) => id).sort());
      }),
    );
  });

  it('is counted by severity while it is open', () => {
    const done: Advice = { ...first, state: 'resolved' };
    expect(countOpen([done])).toEqual({ critical: 0, warning: 0, info: 0 });
    expect(Object.values(countOpen(all)).reduce((a, b) => a + b, 0)).toBe(all.length);
  });

  it('concerns the statements that it names', () => {
    const named: Advice = { ...first, evidence: [{ label: 'queryid', value: '-42', unit: '' }] };
    expect(concerns(named, '-42')).toBe(true);
    expect(concerns({ ...named, evidence: [] }, 'no-such-id')).toBe(false);
  });
});
