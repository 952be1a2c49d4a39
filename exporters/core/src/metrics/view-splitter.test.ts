import { compat, counter, emittersOf, gauge } from './declare';
import { buildFamilies, mergeBuilt } from './families';
import { serialise } from './serialise';
import { viewSplitter } from './view-splitter';

const metrics = {
  own: gauge('db_thing', 'Ours.', ['database']),
  theirs: compat('postgres_exporter', counter('pg_thing', 'Theirs.', ['datname'])),
};
const emit = emittersOf(metrics);
const options = { seriesPerFamily: 2, legacyMetrics: true };

describe('samples under another exporter’s names', () => {
  const samples = [
    emit.theirs({ datname: 'a' }, 1),
    emit.own({ database: 'a' }, 2),
    emit.theirs({ datname: 'a' }, 3),
    emit.theirs({ datname: 'b' }, 4),
    emit.theirs({ datname: 'c' }, 5),
  ];

  it('become the same text, and the same losses, as if all were built together', () => {
    const { own, viewed } = viewSplitter()(samples, options);
    const apart = mergeBuilt([buildFamilies(own, options), viewed]);
    const together = buildFamilies(samples, options);
    expect(serialise(apart.families)).toBe(serialise(together.families));
    expect(apart.dropped).toEqual(together.dropped);
    expect(apart.dropped).toHaveLength(2);
  });

  it('are built once for as long as they are the same ones', () => {
    const split = viewSplitter();
    const first = split(samples, options);
    expect(split(samples, options)).toBe(first);
    expect(split([...samples], options)).not.toBe(first);
  });
});
