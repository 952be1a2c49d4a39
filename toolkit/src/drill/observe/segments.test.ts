import fc from 'fast-check';
import { segmentsOf, twoPrimariesIn, type Role, type Sighting } from './segments';

const saw = (at: number, role: Role, timeline: number | null = null, member = 'pg1'): Sighting => ({
  ...{ at, role, timeline, member },
});

describe('what a member was', () => {
  it('lasts until a look says otherwise, or to the end', () => {
    const looks = [
      saw(0, 'primary', 1),
      saw(50, 'primary', 1),
      saw(100, 'down'),
      saw(900, 'standby'),
      saw(950, 'standby'),
    ];
    expect(segmentsOf(looks, 'pg1', 1000)).toEqual([
      { from: 0, to: 100, role: 'primary', timeline: 1 },
      { from: 100, to: 900, role: 'down', timeline: null },
      { from: 900, to: 1000, role: 'standby', timeline: null },
    ]);
  });

  it('is told anew when a primary is on another timeline', () => {
    expect(segmentsOf([saw(0, 'primary', 1), saw(10, 'primary', 2)], 'pg1', 20)).toHaveLength(2);
  });

  it('covers all of the time from the first look on, without gap or overlap', () => {
    const looks = fc.array(
      fc.tuple(fc.integer({ min: 1, max: 100 }), fc.constantFrom<Role>('primary', 'standby', 'silent', 'down')),
      { minLength: 1 },
    );
    fc.assert(
      fc.property(looks, (steps) => {
        let at = 0;
        const sightings = steps.map(([pause, role]) => saw((at += pause), role));
        const segments = segmentsOf(sightings, 'pg1', at + 10);
        expect(segments[0]?.from).toBe(sightings[0]?.at);
        expect(segments.at(-1)?.to).toBe(at + 10);
        for (const [i, { to }] of segments.entries()) {
          const next = segments[i + 1];
          if (next !== undefined) expect(next.from).toBe(to);
        }
      }),
    );
  });
});

it('two members out of recovery at once are found, and by name', () => {
  const one = { name: 'pg1', segments: segmentsOf([saw(0, 'primary', 1), saw(700, 'down')], 'pg1', 1000) };
  const other = { name: 'pg2', segments: segmentsOf([saw(0, 'standby'), saw(500, 'primary', 2)], 'pg1', 1000) };
  expect(twoPrimariesIn([one, other])).toEqual([{ from: 500, to: 700, members: ['pg1', 'pg2'] }]);
  expect(twoPrimariesIn([one])).toEqual([]);
});
