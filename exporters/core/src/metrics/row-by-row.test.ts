import { rowByRow } from './row-by-row';

describe('what is made row by row', () => {
  it('is made once for the same two objects, and anew for any other', () => {
    let made = 0;
    const sum = rowByRow((a: { n: number }, b: { n: number }) => {
      made += 1;
      return a.n + b.n;
    });
    const [one, two] = [{ n: 1 }, { n: 2 }];
    expect([sum(one, two), sum(one, two), sum(one, one), sum(two, two), sum(two, { n: 2 }), sum(one, two)]).toEqual([
      3, 3, 2, 4, 4, 3,
    ]);
    expect(made).toBe(5);
  });
});
