import type { ExistingIndex } from '../advisor/model';
import type { Advice, AdvisedIndex } from '../advisor/report';
import { does } from '../advisor/covers';
import type { AdviceReading } from './ask';
import { foldAdvice, type IndexAdviceState, persistAdvice, takeAdvice, verdictOf, type Work } from './state';

const key = (column: string) => ({
  ...{ column, expression: null, descending: false, nullsFirst: false, defaultClass: true },
});
const structure = (columns: readonly string[], more: Partial<ExistingIndex> = {}): ExistingIndex => ({
  ...{ oid: '1', name: 'i', method: 'btree', unique: false, required: false, valid: true, keys: columns.map(key) },
  ...{ include: [], predicate: null, definition: '', bytes: 0, scans: 0 },
  ...more,
});

const definition = 'public.trades USING btree (counterparty_id)';
const advised: AdvisedIndex = {
  ...{ name: 'trades_idx', create: 'CREATE …', drop: 'DROP …', schema: 'public', table: 'trades', definition },
  structure: structure(['counterparty_id']),
  size: { low: 1, expected: 2, high: 3 },
  tax: {
    ...{ costPerSecond: 0, entriesPerSecond: 0, walBytesPerSecond: 0, hotBefore: null, hotAfter: null },
    ...{ breaksHot: false, known: true },
  },
  effects: [{ statement: '42', callsPerSecond: 1, before: 1000, after: 4, timeShare: 0.5 }],
  ...{ confidence: 'high', measured: '', warnings: [] },
};
const advice = (indexes: readonly AdvisedIndex[]): Advice => ({
  ...{ indexes, without: [], trials: [], drops: [], judgement: { sum: 1, geomean: 1, score: 0 } },
  ...{ plannerChecked: true, explains: 1, overBudget: false, seconds: 1, bytes: 2, storageBytes: 10 },
});

const work = (calls: number, milliseconds: number, blocks: number): Work => ({
  ...{ calls, seconds: (calls * milliseconds) / 1000, blocks: calls * blocks },
});
const reading = (
  now: number,
  total: Work,
  more: { indexes?: readonly AdvisedIndex[]; name?: string } = {},
): AdviceReading => ({
  ...{ now, advice: advice(more.indexes ?? []), asked: null, standbyProblem: null, works: new Map([['42', total]]) },
  there: new Map(more.name === undefined ? [] : [[definition, more.name]]),
});
const add = (a: Work, b: Work): Work => ({
  ...{ calls: a.calls + b.calls, seconds: a.seconds + b.seconds, blocks: a.blocks + b.blocks },
});

/** Advised at 2, watched for two rounds, built before 4; each round with this work. */
const story = (before: Work, after: Work) => {
  let total = work(0, 0, 0);
  let state = takeAdvice(undefined, reading(1, total));
  const round = (now: number, more: Work, rest: Parameters<typeof reading>[2]): void => {
    total = add(total, more);
    state = takeAdvice(state, reading(now, total, rest));
  };
  round(2, before, { indexes: [advised] });
  round(3, before, { indexes: [advised] });
  round(4, before, { name: 'mine' });
  round(5, after, { name: 'mine' });
  return { state, round, total: () => total };
};

describe('what became of an advised index', () => {
  it('is confirmed when its statement reads less and is faster than before', () => {
    const { state } = story(work(100, 30, 3000), work(100, 0.1, 4));
    expect(state.tracked).toMatchObject([{ verdict: 'confirmed', appeared: { at: 4, name: 'mine' } }]);
  });

  it('is no effect when nothing changed, and regressed when it got slower', () => {
    expect(story(work(100, 30, 3000), work(100, 29, 3000)).state.tracked[0]?.verdict).toBe('no effect');
    expect(story(work(100, 1, 10), work(100, 9, 90)).state.tracked[0]?.verdict).toBe('regressed');
  });

  it('is not judged by a few calls', () => {
    expect(story(work(100, 30, 3000), work(5, 0.1, 4)).state.tracked[0]?.verdict).toBeNull();
  });

  it('begins anew when the index is dropped again', () => {
    const { state, total } = story(work(100, 30, 3000), work(100, 0.1, 4));
    const dropped = takeAdvice(state, reading(6, add(total(), work(50, 30, 3000)), { indexes: [advised] }));
    expect(dropped.tracked).toMatchObject([{ appeared: null, verdict: null, before: { '42': { calls: 50 } } }]);
  });

  it('takes in a reading once, however often it is shown', () => {
    const first = foldAdvice(new Map(), new Map([['db', reading(1, work(1, 1, 1), { indexes: [advised] })]]));
    const again = foldAdvice(first, new Map([['db', reading(1, work(1, 1, 1), { indexes: [advised] })]]));
    expect(again.get('db')).toBe(first.get('db'));
    expect(foldAdvice(first, new Map()).size).toBe(0);
  });

  it('survives a restart with what it knew of the time before; totals that begin anew count for nothing', () => {
    const { state, total } = story(work(100, 30, 3000), work(10, 0.1, 4));
    const all: IndexAdviceState = new Map([['db', state]]);
    const loaded = persistAdvice.load(JSON.parse(JSON.stringify(persistAdvice.save(all))));
    expect(loaded?.get('db')?.tracked).toEqual(state.tracked);
    expect(total().calls).toBe(310);
    const base = takeAdvice(loaded?.get('db'), reading(7, work(5, 0.1, 4), { name: 'mine' }));
    expect(base.tracked[0]?.after).toEqual(state.tracked[0]?.after);
    const later = takeAdvice(base, reading(8, work(105, 0.1, 4), { name: 'mine' }));
    expect(later.tracked[0]?.verdict).toBe('confirmed');
    for (const garbage of [undefined, null, 1, {}, [{}], [{ database: 'x', at: 1, tracked: [{}] }]]) {
      expect(persistAdvice.load(garbage)).toBeUndefined();
    }
  });

  it('weighs every statement by how often it is called now', () => {
    const before = { a: work(100, 10, 100), b: work(100, 10, 100) };
    expect(verdictOf(before, { a: work(1000, 1, 10), b: work(20, 20, 200) })).toBe('confirmed');
    expect(verdictOf(before, { a: work(20, 1, 10), b: work(1000, 20, 200) })).toBe('regressed');
    expect(verdictOf({}, { a: work(1000, 1, 1) })).toBeUndefined();
  });
});

describe('an index that is there', () => {
  it('is the advised one when it does all of its work', () => {
    const wanted = structure(['a'], { include: ['c'] });
    expect(does(structure(['a'], { include: ['c'] }), wanted)).toBe(true);
    expect(does(structure(['a', 'c']), wanted)).toBe(true);
    expect(does(structure(['a']), wanted)).toBe(false);
    expect(does(structure(['b', 'a'], { include: ['c'] }), wanted)).toBe(false);
    expect(does(structure(['a'], { include: ['c'], valid: false }), wanted)).toBe(false);
    expect(does(structure(['a'], { include: ['c'], predicate: 'x > 1' }), wanted)).toBe(false);
  });
});
