import { recentFacts } from './recent-facts';

describe('what is known of a target between scrapes', () => {
  const deadline = { remainingMs: () => 1000 };
  let now = 0;
  let epoch = 1;
  let asked = 0;
  let answer: () => Promise<number>;
  const clock = { monotonic: () => now, wall: () => now };
  const facts = recentFacts<string, number>({
    source: { facts: () => ((asked += 1), answer()) },
    link: { epoch: () => epoch },
    maxAgeMs: 5000,
    clock,
  });

  beforeEach(() => {
    now += 1_000_000;
    asked = 0;
    answer = () => Promise.resolve(asked);
  });

  it('is asked once for all who ask at the same time', async () => {
    expect(await Promise.all([facts('s', deadline), facts('s', deadline)])).toEqual([1, 1]);
    expect(asked).toBe(1);
  });

  it('is asked again when it is old, and on a new connection', async () => {
    await facts('s', deadline);
    now += 4999;
    await facts('s', deadline);
    expect(asked).toBe(1);
    now += 1;
    await facts('s', deadline);
    expect(asked).toBe(2);
    epoch += 1;
    await facts('s', deadline);
    expect(asked).toBe(3);
  });

  it('is asked again at once when nobody could be told', async () => {
    answer = () => Promise.reject(new Error('no'));
    await expect(facts('s', deadline)).rejects.toThrow('no');
    answer = () => Promise.resolve(7);
    expect(await facts('s', deadline)).toBe(7);
  });
});
