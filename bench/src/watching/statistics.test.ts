import { randomOf, shuffled } from '../random';
import { judge, mean, quantile, ratioOfMeans } from './statistics';

describe('quantile', () => {
  it('is a value that was measured', () => {
    const numbers = [5, 1, 4, 2, 3];
    expect(quantile(numbers, 0.5)).toBe(3);
    expect(quantile(numbers, 0.99)).toBe(5);
    expect(quantile(numbers, 0)).toBe(1);
    expect(quantile([], 0.5)).toBeNaN();
  });

  it('leaves one in a hundred above P99', () => {
    const numbers = Array.from({ length: 1000 }, (_, i) => i + 1);
    expect(quantile(numbers, 0.99)).toBe(990);
  });
});

describe('ratioOfMeans', () => {
  it('holds the true ratio between its bounds, and gets narrower with more rounds', () => {
    const random = randomOf(1);
    const noisy = (level: number, rounds: number): number[] =>
      Array.from({ length: rounds }, () => level * (0.9 + 0.2 * random()));
    const few = ratioOfMeans(noisy(1, 8), noisy(2, 8), randomOf(2));
    const many = ratioOfMeans(noisy(1, 800), noisy(2, 800), randomOf(2));
    expect(few?.low).toBeLessThan(0.5);
    expect(few?.high).toBeGreaterThan(0.5);
    expect(many?.ratio).toBeCloseTo(0.5, 2);
    expect((many?.high ?? NaN) - (many?.low ?? NaN)).toBeLessThan(((few?.high ?? NaN) - (few?.low ?? NaN)) / 3);
  });

  it('is not misled by what disturbed a round for both', () => {
    const disturbance = [1, 10, 1, 7, 3, 1, 20, 2];
    const interval = ratioOfMeans(
      disturbance.map((by) => 1.01 * by),
      disturbance,
      randomOf(3),
    );
    expect(interval?.low).toBeCloseTo(1.01, 10);
    expect(interval?.high).toBeCloseTo(1.01, 10);
  });

  it('says nothing of one round, nor beside nothing', () => {
    expect(ratioOfMeans([1], [2], randomOf(4))).toBeUndefined();
    expect(ratioOfMeans([1, 2], [0, 0], randomOf(4))).toBeUndefined();
  });
});

describe('judge', () => {
  it('takes no interval that holds the goal for a goal that was met', () => {
    expect(judge({ low: 0.2, high: 0.4 }, 0.5)).toBe('met');
    expect(judge({ low: 0.2, high: 0.6 }, 0.5)).toBe('undecided');
    expect(judge({ low: 0.6, high: 0.9 }, 0.5)).toBe('missed');
  });
});

describe('shuffled', () => {
  it('has each element once', () => {
    const list = [1, 2, 3, 4, 5, 6, 7];
    const orders = Array.from({ length: 50 }, (_, seed) => shuffled(list, randomOf(seed)));
    for (const order of orders) expect([...order].sort()).toEqual(list);
    expect(new Set(orders.map(String)).size).toBeGreaterThan(40);
  });
});

describe('mean', () => {
  it('of nothing is no number', () => {
    expect(mean([])).toBeNaN();
    expect(mean([1, 2, 6])).toBe(3);
  });
});
