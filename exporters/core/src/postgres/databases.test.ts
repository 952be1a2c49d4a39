import fc from 'fast-check';
import { chooseDatabases } from './databases';

describe('the databases to survey', () => {
  const names = ['orders', 'orders_test', 'a.b', 'axb'];

  it('are those that are included and not excluded; * is any characters, all else is itself', () => {
    const choose = (include: string[], exclude: string[] = []): readonly string[] =>
      chooseDatabases(names, { include, exclude, limit: 10 });
    expect(choose(['*'])).toEqual(names);
    expect(choose(['orders*'], ['*_test'])).toEqual(['orders']);
    expect(choose(['a.b'])).toEqual(['a.b']);
    expect(choose(['rders'])).toEqual([]);
  });

  it('keep their order and never exceed the limit, whatever they are called', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), fc.integer({ min: 1, max: 5 }), (all, limit) => {
        expect(chooseDatabases(all, { include: ['*'], exclude: [], limit })).toEqual(all.slice(0, limit));
        for (const name of all.filter((candidate) => !candidate.includes('*'))) {
          expect(chooseDatabases([name], { include: [name], exclude: [], limit })).toEqual([name]);
        }
      }),
    );
  });
});
