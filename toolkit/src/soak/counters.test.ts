import fc from 'fast-check';
import { watchCounters } from './counters';
import { labelOf, parseAnswer, sumOf } from './exposition';

const text = (values: Readonly<Record<string, number>>): string =>
  Object.entries(values)
    .map(([key, value]) => `# TYPE ${key.replace(/\{.*/, '')} counter\n${key} ${value}`)
    .join('\n');
const sight = (values: Readonly<Record<string, number>>, life = 'a', at = 0) => ({
  ...{ at, source: 'database pg1', answer: parseAnswer(text(values)) },
  lifeOf: () => life,
});

describe('what watches counters', () => {
  it('finds one that goes back within a life, and says from where to where', () => {
    const watch = watchCounters(new Set());
    expect(watch.see(sight({ 'db_x_total{a="1"}': 5 }))).toEqual([]);
    expect(watch.see(sight({ 'db_x_total{a="1"}': 4 }, 'a', 9))).toEqual([
      { at: 9, source: 'database pg1', series: 'db_x_total{a="1"}', from: 5, to: 4 },
    ]);
  });

  it('finds it also when the target was away in between', () => {
    const watch = watchCounters(new Set());
    watch.see(sight({ db_x_total: 5 }));
    watch.see(sight({}));
    expect(watch.see(sight({ db_x_total: 4 }))).toHaveLength(1);
  });

  it('lets it begin anew with its life', () => {
    const watch = watchCounters(new Set());
    watch.see(sight({ db_x_total: 5 }, 'a'));
    expect(watch.see(sight({ db_x_total: 0 }, 'b'))).toEqual([]);
  });

  it('lets what belongs to a session begin anew only after the exporter has connected again', () => {
    const watch = watchCounters(new Set(['db_x_total']));
    watch.see(sight({ db_x_total: 5, db_exporter_connects_total: 2 }));
    expect(watch.see(sight({ db_x_total: 4, db_exporter_connects_total: 2 }))).toHaveLength(1);
    watch.see(sight({ db_x_total: 9, db_exporter_connects_total: 2 }));
    expect(watch.see(sight({ db_x_total: 0, db_exporter_connects_total: 3 }))).toEqual([]);
    watch.see(sight({ db_x_total: 7, db_exporter_connects_total: 4 }));
    expect(watch.see(sight({ db_x_total: 1, db_exporter_connects_total: 4 }))).toEqual([]);
    expect(watch.see(sight({ db_x_total: 0, db_exporter_connects_total: 4 }))).toHaveLength(1);
  });

  it('never complains of what only grows', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(1000), { maxLength: 30 }), (steps) => {
        const watch = watchCounters(new Set());
        let sum = 0;
        return steps.every((step) => watch.see(sight({ db_x_total: (sum += step / 7) })).length === 0);
      }),
    );
  });
});

describe('what is read of an answer', () => {
  const answer = parseAnswer(`# HELP db_a What it is.
# TYPE db_a gauge
db_a{database="x",note="a \\"b\\", c"} 1
db_a{database="y",note=""} 2.5
# TYPE db_h histogram
db_h_bucket{database="x",le="1"} 1
db_h_bucket{database="x",le="+Inf"} 2
db_h_sum{database="x"} 3
db_h_count{database="x"} 2
`);

  it('are values by name and labels', () => {
    expect(sumOf(answer.values, 'db_a')).toBe(3.5);
    expect(sumOf(answer.values, 'db_a', { database: 'y' })).toBe(2.5);
    expect(sumOf(answer.values, 'db_b')).toBeNull();
    expect(labelOf('db_a{database="x",note="a \\"b\\", c"}', 'note')).toBe('a \\"b\\", c');
  });

  it('are series by family, a histogram with all its buckets as one', () => {
    expect([...answer.series]).toEqual([
      ['db_a', 2],
      ['db_h', 1],
    ]);
    expect([...answer.counting]).toEqual(['db_h_bucket', 'db_h_sum', 'db_h_count']);
  });
});
