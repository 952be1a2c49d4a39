import fc from 'fast-check';
import { emptyWindow, slide, spanOf } from './window';

describe('window', () => {
  it('has no span before the second reading', () => {
    expect(spanOf(slide(emptyWindow<number>(60), 1000, 1))).toBeUndefined();
  });

  it('covers its length once there are enough readings, and stays bounded', () => {
    let window = emptyWindow<number>(60);
    for (let second = 0; second <= 600; second += 5) window = slide(window, second * 1000, second);
    expect(spanOf(window)).toEqual({ first: 540, last: 600, seconds: 60 });
    expect(window.readings.length).toBeLessThanOrEqual(14);
  });

  it('never reaches further back than one reading before its start', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 90_000 }), { minLength: 2, maxLength: 50 }), (gaps) => {
        let window = emptyWindow<number>(60);
        let at = 0;
        for (const gap of gaps) window = slide(window, (at += gap), at);
        const [, second] = window.readings;
        expect(second?.at ?? at).toBeGreaterThan(at - 60_000 - 1);
      }),
    );
  });
});
