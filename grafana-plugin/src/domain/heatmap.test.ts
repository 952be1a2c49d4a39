import fc from 'fast-check';
import { type Bucket, heatOf, quantileIn, shareAbove, totalCells } from './heatmap';

const bucket = (le: number, ...values: readonly number[]): Bucket => ({
  le,
  times: values.map((_, i) => i * 1000),
  values,
});

describe('a heat map of a cumulative histogram', () => {
  it('has in each box what fell between two bounds', () => {
    const { columns, bounds, most } = heatOf([bucket(0.01, 9, 4), bucket(0.001, 2, 4), bucket(Infinity, 10, 4)]);
    expect(columns).toEqual([
      {
        time: 0,
        cells: [
          { from: 0, to: 0.001, count: 2 },
          { from: 0.001, to: 0.01, count: 7 },
          { from: 0.01, to: Infinity, count: 1 },
        ],
      },
      { time: 1000, cells: [{ from: 0, to: 0.001, count: 4 }] },
    ]);
    expect(bounds).toEqual([0, 0.001, 0.01]);
    expect(most).toBe(7);
  });

  it('is empty of nothing', () => {
    expect(heatOf([])).toEqual({ columns: [], bounds: [], most: 0 });
    expect(quantileIn([], 0.5)).toBeUndefined();
    expect(shareAbove([], 1)).toEqual({ least: 0, most: 0 });
  });

  it('keeps all observations, and never counts less than nothing, whatever it is given', () => {
    const numbers = fc.array(fc.array(fc.double({ min: -5, max: 1e6, noNaN: true }), { minLength: 3, maxLength: 3 }), {
      maxLength: 8,
    });
    fc.assert(
      fc.property(numbers, (rows) => {
        const heat = heatOf(rows.map((values, i) => bucket((i + 1) / 1000, ...values)));
        const all = heat.columns.flatMap(({ cells }) => cells);
        expect(all.every(({ from, to, count }) => count > 0 && from < to)).toBe(true);
        const highest = [0, 1, 2].map((at) => Math.max(0, ...rows.map((values) => values[at] ?? 0)));
        const sums = heat.columns.map(({ cells }) => cells.reduce((sum, { count }) => sum + count, 0));
        sums.forEach((sum, i) => expect(sum).toBeCloseTo(highest[i] ?? 0, 4));
      }),
    );
  });

  it('tells a quantile as the bucket that it lies in, and a share as what is sure and what may be', () => {
    const cells = totalCells(heatOf([bucket(0.001, 50, 50), bucket(0.01, 99, 99), bucket(0.1, 100, 100)]));
    expect(quantileIn(cells, 0.5)).toMatchObject({ from: 0, to: 0.001 });
    expect(quantileIn(cells, 0.99)).toMatchObject({ to: 0.01 });
    expect(shareAbove(cells, 0.005)).toEqual({ least: 0.01, most: 0.5 });
  });
});
