import fc from 'fast-check';
import { type Aside, isAside, parseAsides, writeAsides } from './aside';

describe('what a user has put aside for himself', () => {
  const one = { until: 2000, why: 'known', severity: 'warning' };

  it('is out of sight until then, unless it becomes more severe', () => {
    const asides = new Map([['a', one]]);
    expect(isAside(asides, { id: 'a', severity: 'warning' }, 1999)).toBe(true);
    expect(isAside(asides, { id: 'a', severity: 'info' }, 1999)).toBe(true);
    expect(isAside(asides, { id: 'a', severity: 'critical' }, 1999)).toBe(false);
    expect(isAside(asides, { id: 'a', severity: 'warning' }, 2000)).toBe(false);
    expect(isAside(asides, { id: 'b', severity: 'info' }, 0)).toBe(false);
    expect(isAside(new Map([['a', { ...one, until: null }]]), { id: 'a', severity: 'info' }, 1e15)).toBe(true);
  });

  it('is read as it was written', () => {
    const asides = new Map<string, Aside>([
      ['a', one],
      ['b', { ...one, until: null }],
    ]);
    expect(parseAsides(writeAsides(asides))).toEqual(asides);
  });

  it('is nothing where the storage holds anything else', () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (text) => parseAsides(text) instanceof Map));
    expect(parseAsides(null).size).toBe(0);
    expect(parseAsides('{"a": {"until": "soon"}}').size).toBe(0);
  });

  it('is bounded: what was put aside first is forgotten first', () => {
    const many = new Map(Array.from({ length: 300 }, (_, i) => [`a${i}`, one] as const));
    const kept = parseAsides(writeAsides(many));
    expect(kept.size).toBe(200);
    expect(kept.has('a299')).toBe(true);
    expect(kept.has('a0')).toBe(false);
  });
});
