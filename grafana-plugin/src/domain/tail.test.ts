import fc from 'fast-check';
import { quantileOfAll, tailBy, type Timed } from './tail';

const timed = (queryid: string, statements: number, quantiles: readonly (readonly [number, number])[]): Timed => ({
  ...{ database: 'd', queryid, queryType: 'select' },
  log: { statements, quantiles: quantiles.map(([quantile, seconds]) => ({ quantile, seconds })) },
});

describe('the statements that make the tail', () => {
  const quick = timed('quick', 100_000, [
    [0.5, 0.001],
    [0.99, 0.002],
    [0.999, 0.004],
  ]);
  const slow = timed('slow', 500, [
    [0.5, 0.1],
    [0.9, 0.2],
  ]);

  it('are those whose calls are above the line, not those with the highest quantile', () => {
    const shares = tailBy([quick, slow], 0.004);
    expect(shares.map(({ statement }) => statement.queryid)).toEqual(['slow', 'quick']);
    expect(shares[0]?.above).toBeCloseTo(490, 0);
    expect(shares[1]?.above).toBeCloseTo(100, 0);
    expect(shares.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 9);
  });

  it('are none of those of which too little is known', () => {
    expect(tailBy([timed('rare', 5, [])], 0.001)).toEqual([]);
    expect(quantileOfAll([timed('rare', 5, [])], 0.99)).toBeNull();
  });

  it('have a hundredth of all calls above the P99 of all', () => {
    const line = quantileOfAll([quick, slow], 0.99) ?? 0;
    const above = tailBy([quick, slow], line).reduce((sum, one) => sum + one.above, 0);
    expect(above).toBeGreaterThan(900);
    expect(above).toBeLessThan(1110);
  });

  it('share the tail, whatever the line', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-6, max: 10, noNaN: true }), (line) => {
        const shares = tailBy([quick, slow], line);
        const sum = shares.reduce((all, { share }) => all + share, 0);
        expect(shares.length === 0 || Math.abs(sum - 1) < 1e-9).toBe(true);
        expect(shares.every(({ above, statement }) => above <= statement.log.statements + 1e-9)).toBe(true);
      }),
    );
  });
});
