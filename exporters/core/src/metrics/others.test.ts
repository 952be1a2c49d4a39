import fc from 'fast-check';
import { counter, emittersOf, folded, gauge, type Sample } from './declare';
import { type Folded, foldOthers, nothingFolded } from './others';

const metrics = {
  calls: counter('db_calls_total', 'Calls.', ['database', 'kind']),
  sessions: folded('sum', gauge('db_sessions', 'Sessions.', ['database'])),
  age: folded('max', gauge('db_age_seconds', 'Age.', ['database'])),
  limit: gauge('db_limit', 'Limit.', ['database']),
  all: gauge('db_all', 'Of the server.'),
} as const;
const emit = emittersOf(metrics);
const textOf = ({ metric, labels, value }: Sample): string => `${metric.name} ${labels.join(',')} ${value as number}`;

describe('folding what is not shown by itself', () => {
  const names = ['a', 'b', 'c', 'd'];
  const fold = (samples: readonly Sample[], shown: readonly string[], before: Folded = nothingFolded) =>
    foldOthers(samples, 'database', new Set(names.filter((name) => !shown.includes(name))), before);

  it('makes one of the rest as each metric says, leaves out what cannot be, and leaves the others alone', () => {
    const samples = ['a', 'b', 'c', 'template0'].flatMap((database, i) => [
      emit.sessions({ database }, 2),
      emit.age({ database }, i),
      emit.limit({ database }, 5),
    ]);
    expect(fold([...samples, emit.all({}, 1)], ['a']).samples.map(textOf)).toEqual([
      ...['db_sessions a 2', 'db_age_seconds a 0', 'db_limit a 5'],
      ...['db_sessions template0 2', 'db_age_seconds template0 3', 'db_limit template0 5'],
      ...['db_all  1', 'db_sessions other 4', 'db_age_seconds other 2'],
    ]);
  });

  it('counts the growth of each counter once, whoever is shown, and never goes backwards', () => {
    const step = fc.record({
      grow: fc.array(fc.nat(100), { minLength: 4, maxLength: 4 }),
      shown: fc.subarray(names),
    });
    fc.assert(
      fc.property(fc.array(step, { minLength: 2, maxLength: 20 }), (steps) => {
        const values = new Map(names.map((name) => [name, 1000]));
        let state = nothingFolded;
        let before = new Map<string, number>();
        let grown = 0;
        let seen = 0;
        steps.forEach(({ grow, shown }, i) => {
          names.forEach((name, at) => values.set(name, (values.get(name) ?? 0) + (grow[at] ?? 0)));
          const samples = names.map((database) => emit.calls({ database, kind: 'x' }, values.get(database) ?? 0));
          const result = fold(samples, shown, state);
          const now = new Map(result.samples.map((sample) => [sample.labels[0] ?? '', sample.value as number]));
          if (i > 0) {
            grown += grow.reduce((sum, n) => sum + n, 0);
            for (const [name, value] of now) {
              const then = before.get(name);
              if (then !== undefined) {
                expect(value).toBeGreaterThanOrEqual(then);
                seen += value - then;
              }
            }
          }
          // A sum that has nobody in it now is not shown; what it held comes back with it.
          const kept = before.get('other');
          before = now;
          if (!now.has('other') && kept !== undefined) before.set('other', kept);
          state = result.folded;
        });
        const unseen = state.sums.values().next().value ?? 0;
        expect(seen).toBeLessThanOrEqual(grown);
        expect(grown - seen).toBeLessThanOrEqual(unseen);
      }),
    );
  });

  it('takes a counter that went backwards for one that began anew', () => {
    const first = fold([emit.calls({ database: 'b', kind: 'x' }, 100)], []);
    const second = fold([emit.calls({ database: 'b', kind: 'x' }, 7)], [], first.folded);
    expect(second.samples.map(textOf)).toEqual(['db_calls_total other,x 7']);
  });
});
