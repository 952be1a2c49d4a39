import { historyJson, historyText } from './history';
import { type Beginning, type Entry, type Progress, progressOf } from './journal';
import { ourselves } from './lock';

const at = '2026-01-31T12:00:00.000Z';
const beginning = (id: string, of: string | null = null): Beginning => ({
  ...{ entry: 'begin', version: 1, at, id, cluster: 'main', kind: of === null ? 'apply' : 'undo', of },
  by: { ...ourselves('deploy apply', new Date(at)), user: 'eve' },
  steps: [{ kind: 'settings', changes: [{ path: ['ttl'], before: 30, after: 20 }] }],
  ...{ owned: [], forced: [], before: { score: null, health: null }, soak: { seconds: 0, drop: 0, patience: 0 } },
});
const deploy = (begin: Beginning, ...more: Entry[]): Progress => progressOf([begin, ...more], 'here');
const applied: Entry = { entry: 'end', at, outcome: 'applied', why: null };
const turning: Entry = { entry: 'turning back', at, why: 'the score fell' };

describe('the history of deploys', () => {
  const rows = (deploys: readonly Progress[], isAtWork: boolean): string[] =>
    historyText(deploys, isAtWork).split('\n').slice(1);

  it('tells one that is at work from one that was cut off', () => {
    const [open, turned] = [deploy(beginning('a')), deploy(beginning('a'), turning)];
    expect(rows([open], true)).toEqual(['a       eve  0 files, 1 setting  at work']);
    expect(rows([open], false)).toEqual(['a       eve  0 files, 1 setting  CUT OFF']);
    expect(rows([turned], true)[0]).toMatch(/ at work, taking it back {2}the score fell$/);
    expect(rows([turned], false)[0]).toMatch(/ CUT OFF while it was taken back {2}the score fell$/);
    expect(historyJson([open], true)).toMatchObject([{ outcome: 'at work', ended: null }]);
    expect(historyJson([open], false)).toMatchObject([{ outcome: 'cut off', ended: null }]);
  });

  it('has the latest first, and says what was taken back later', () => {
    const [first, second] = rows([deploy(beginning('a'), applied), deploy(beginning('b', 'a'), applied)], false);
    expect(first).toMatch(/^b .* takes back a: 0 files, 1 setting {2}applied$/);
    expect(second).toMatch(/^a .* applied, taken back later$/);
    expect(historyText([], false)).toBe('Nothing was deployed yet.');
  });
});
