import { medianOf, partOf, type Timed } from './report';

it('the median is the middle, or the middle of the middle two', () => {
  expect(medianOf([3, 1, 2])).toBe(2);
  expect(medianOf([4, 1, 2, 3])).toBe(2.5);
  expect(medianOf([])).toBeNull();
});

describe('the report of exposition', () => {
  const timed = (writer: Timed['writer'], kind: Timed['kind'], seconds: number): Timed => ({
    ...{ writer, kind, asked: 1000, lines: 1000, writeSeconds: [seconds] },
    wholeSeconds: writer === 'prom-client' && kind === 'histogram' ? [] : [2 * seconds],
  });
  const part = partOf({
    timed: [
      ...[timed('submilli', 'gauge', 0.001), timed('prom-client', 'gauge', 0.004)],
      ...[timed('submilli', 'histogram', 0.001), timed('prom-client', 'histogram', 0.002)],
    ],
    remembered: [
      { writer: 'submilli', kind: 'gauge', lines: 100, allocatedBytes: 10_000, heldBytes: 5000 },
      { writer: 'prom-client', kind: 'gauge', lines: 100, allocatedBytes: 40_000, heldBytes: 10_000 },
    ],
    rounds: 1,
  });

  it('has the series per second of both, in thousands, and how many times more are ours', () => {
    expect(part.tables[0]?.rows).toEqual([['gauges', 1000, 500, 125, 4]]);
    expect(part.tables[1]?.rows).toEqual([
      ['gauges', 1000, 1000, 250, 4],
      ['histograms', 1000, 1000, 500, 2],
    ]);
  });

  it('has the bytes per series', () => {
    expect(part.tables[2]?.rows).toEqual([['gauges', 100, 50, 100, 0.5, 100, 400, 0.25]]);
  });

  it('draws both writers', () => {
    expect(part.plots.map(({ series }) => series.map(({ name }) => name))).toEqual([
      ['Submilli', 'prom-client'],
      ['Submilli', 'prom-client'],
    ]);
  });
});
