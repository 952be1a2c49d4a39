import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Beginning, deploysIn, openJournal, readDeploys, unfinishedOf } from './journal';
import { ourselves } from './lock';

const now = (): Date => new Date('2026-01-31T12:00:00Z');
const beginning = (id: string): Omit<Beginning, 'at'> => ({
  ...{ entry: 'begin', version: 1, id, cluster: 'main', kind: 'apply', of: null, by: ourselves('test', now()) },
  steps: [{ kind: 'reload', service: { kind: 'pool', name: 'pool' }, shrinks: false, shrinksBack: true }],
  ...{ owned: [['ttl']], forced: [], before: { score: null, health: null } },
  soak: { seconds: 1, drop: 1, patience: 1 },
});

describe('the journal of a deploy', () => {
  let work = '';
  beforeEach(() => (work = mkdtempSync(join(tmpdir(), 'submilli-journal-'))));
  afterEach(() => rmSync(work, { recursive: true }));
  const pathOf = (id: string): string => join(deploysIn(work), id, 'journal.jsonl');
  const begun = (id: string) => {
    const journal = openJournal(join(deploysIn(work), id), now);
    journal.write(beginning(id));
    return journal;
  };

  it('says how far a deploy got, to whoever opens it next', () => {
    const journal = begun('a');
    journal.write({ entry: 'doing', step: 0 });
    journal.close();
    const [deploy] = readDeploys(work);
    expect([...(deploy?.touched ?? [])]).toEqual([0]);
    expect(deploy?.done.size).toBe(0);
    expect(unfinishedOf(readDeploys(work))?.begin.id).toBe('a');
  });

  it('forgets what a kill has left of its last line, and goes on after the one before', () => {
    begun('a').close();
    appendFileSync(pathOf('a'), '{"entry":"doi');
    const journal = openJournal(join(deploysIn(work), 'a'), now);
    journal.write({ entry: 'end', outcome: 'applied', why: null });
    journal.close();
    expect(readFileSync(pathOf('a'), 'utf8').trimEnd().split('\n')).toHaveLength(2);
    expect(unfinishedOf(readDeploys(work))).toBeUndefined();
  });

  it('knows nothing of a deploy that was killed before it had written down what to do', () => {
    openJournal(join(deploysIn(work), 'a'), now).close();
    writeFileSync(pathOf('a'), '{"entry":"begin"');
    expect(readDeploys(work)).toEqual([]);
  });

  it('names the line that is damaged instead of going on without it', () => {
    begun('a').close();
    appendFileSync(pathOf('a'), 'rubbish\n');
    expect(() => readDeploys(work)).toThrow(`${pathOf('a')}: the journal can't be read: line 2`);
  });

  it('lists deploys as they were begun', () => {
    for (const id of ['20260102T000000Z', '20260101T000000Z']) begun(id).close();
    expect(readDeploys(work).map(({ begin }) => begin.id)).toEqual(['20260101T000000Z', '20260102T000000Z']);
  });
});
