import { bars, wrapped, type Bars } from './bars';

const of = (values: readonly number[], more: Partial<Bars> = {}): Bars => ({
  ...{ label: 'Time', axis: 'ms', scale: 'linear', format: String },
  groups: values.map((value, i) => ({ name: `group ${i}`, bars: [{ name: '', ink: 'calm', value }] })),
  ...more,
});

const widthsIn = (picture: string): number[] =>
  [...picture.matchAll(/class="bar \w+" x="[\d.]+" y="[\d.]+" width="([\d.]+)"/g)].map(([, width]) => Number(width));

describe('bars', () => {
  it('are as long as their values, and say them', () => {
    const picture = bars(of([10, 40]));
    const [short = 0, long = 0] = widthsIn(picture);
    expect(long / short).toBeCloseTo(4, 1);
    expect(picture).toContain('>40</text>');
  });

  it('of wildly different sizes are all to be seen, on either scale', () => {
    for (const scale of ['linear', 'log'] as const) {
      const found = widthsIn(bars(of([0.0003, 7, 250_000], { scale })));
      expect(found).toHaveLength(3);
      expect(Math.min(...found)).toBeGreaterThanOrEqual(1);
    }
  });

  it('add the same length for each tenfold where they are logarithmic', () => {
    const [a = 0, b = 0, c = 0] = widthsIn(bars(of([1, 10, 100], { scale: 'log' })));
    expect(b - a).toBeCloseTo(c - b, 0);
    expect(a).toBeGreaterThan(0);
  });

  it('of zero have no bar, and say so', () => {
    for (const scale of ['linear', 'log'] as const) {
      const picture = bars(of([0, 5], { scale }));
      expect(widthsIn(picture)).toHaveLength(1);
      expect(picture).toContain('>0</text>');
      expect(picture).not.toMatch(/NaN|Infinity/);
    }
    expect(bars(of([0], { scale: 'log' }))).not.toMatch(/NaN|Infinity/);
  });

  it('of one group stand below its name, each with its own', () => {
    const two = [
      { name: 'ours', ink: 'calm', value: 1 },
      { name: 'a < b', ink: 'amber', value: 2 },
    ] as const;
    const picture = bars(of([], { groups: [{ name: '1,000 tables', bars: two }] }));
    expect(picture).toMatch(/class="heading"[^>]*>1,000 tables/);
    expect(picture).toContain('a &lt; b');
  });

  it('have names of any length, in lines', () => {
    expect(wrapped('one two three', 7)).toEqual(['one two', 'three']);
    expect(wrapped('indivisible', 4)).toEqual(['indivisible']);
  });
});
