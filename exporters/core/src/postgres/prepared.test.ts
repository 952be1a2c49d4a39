import { isOutdatedPlan, preparedNames } from './prepared';

describe('the names of prepared statements', () => {
  it('are the same for the same text, and another for another', () => {
    const names = preparedNames();
    const first = names.of('SELECT 1');
    expect(names.of('SELECT 2')).not.toBe(first);
    expect(names.of('SELECT 1')).toBe(first);
  });

  it('are another for a text that has to be prepared anew', () => {
    const names = preparedNames();
    const before = names.of('SELECT 1');
    names.forget('SELECT 1');
    expect(names.of('SELECT 1')).not.toBe(before);
  });

  it('run out, so that texts that differ each time do not fill the server’s memory', () => {
    const names = preparedNames(2);
    expect([names.of('a'), names.of('b')]).not.toContain(undefined);
    expect(names.of('c')).toBeUndefined();
    expect(names.of('a')).toBeDefined();
  });
});

describe('a plan that is outdated', () => {
  it('is told by the function that refuses it, not by words', () => {
    const refused = Object.assign(new Error('zwischengespeicherter Plan …'), { routine: 'RevalidateCachedQuery' });
    expect(isOutdatedPlan(refused)).toBe(true);
    expect(isOutdatedPlan(new Error('cached plan must not change result type'))).toBe(false);
  });
});
