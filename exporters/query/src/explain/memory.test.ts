import { noRefusals, refusalOf, withRefusals } from './memory';

describe('the memory of statements without a plan', () => {
  const HOUR = 3600_000;

  it('holds a reason for a day', () => {
    const refusals = withRefusals(noRefusals<string>(), [['1', 'permission']], 0);
    expect(refusalOf(refusals, '1', 23 * HOUR)).toBe('permission');
    expect(refusalOf(refusals, '1', 24 * HOUR)).toBeUndefined();
    expect(refusalOf(refusals, '2', 0)).toBeUndefined();
  });

  it('is bounded, and forgets what is over and then the oldest first', () => {
    const many = Array.from({ length: 6000 }, (_, i) => [String(i), 'x'] as const);
    const refusals = withRefusals(noRefusals<string>(), many, 0);
    expect(refusals.size).toBe(5000);
    expect(refusals.has('0')).toBe(false);
    expect(withRefusals(refusals, [['new', 'y']], 25 * HOUR).size).toBe(1);
  });
});
