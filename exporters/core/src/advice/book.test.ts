import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AdviceState, recommendationsAnswer, type Recommendation } from '../api/recommendations';
import type { Clock } from '../clock';
import { type Logger, silentLogger } from '../log';
import { openJournal } from '../store/journal';
import { type AdviceBook, createAdviceBook, type Said } from './book';
import type { Advice, TargetAdvice } from './evaluate';
import type { Finding, FollowUp } from './rule';

const MINUTE = 60_000;
const DAY = 24 * 3600 * 1000;
const PATIENCE = 2 * MINUTE;

const advice = (id: string, severity: Finding['severity'] = 'warning', text = 'lower it'): Advice => ({
  ...{ id, rule: 'high', subject: id, severity, title: `Mind ${id}`, why: 'it is high' },
  evidence: [{ label: 'level', value: 9, unit: '' }],
  action: { kind: 'config', text, reversible: true, lock: null, needsRestart: false },
  impact: { what: 'level', before: null, after: null, confidence: 'high', measured: 'by reading it' },
});
const found = (...all: readonly Advice[]): TargetAdvice => ({
  ...{ found: all, followUps: [], evaluated: ['high'], notEvaluated: [] },
});
const nothing = found();
const blind: TargetAdvice = { ...nothing, evaluated: [], notEvaluated: [{ rule: 'high', reason: 'no input' }] };
const told = (id: string, state: FollowUp['state'], also: readonly Advice[] = []): TargetAdvice => ({
  ...found(...also),
  followUps: [{ id, subject: id, state, evidence: [{ label: 'scans', value: 12, unit: '' }] }],
});
const said = (action: Said['action'], until: number | null = null): Said => ({ action, by: 'ann', why: 'mine', until });

let directory: string;
let now: number;
const clock: Clock = { monotonic: () => now, wall: () => now };
const warnings: string[] = [];
const log: Logger = { ...silentLogger, warn: (_, message) => warnings.push(message) };
const bookAt = (path: string | null): AdviceBook => createAdviceBook({ path, clock, log });
const at = (ms: number): string => new Date(ms).toISOString();

let last = nothing;
const note = (book: AdviceBook, said: TargetAdvice): void => {
  last = said;
  book.note('pg', said, PATIENCE);
};
const all = (book: AdviceBook): readonly Recommendation[] => {
  const answer = recommendationsAnswer.parse(book.answer([{ target: 'pg', advice: last, reason: '', rules: [] }]));
  return [...answer.recommendations, ...answer.earlier];
};
const only = (book: AdviceBook): Recommendation => {
  const [one, ...others] = all(book);
  if (one === undefined || others.length > 0) throw new Error(`not one but ${others.length + 1}`);
  return one;
};
const stateOf = (book: AdviceBook): AdviceState => only(book).state;
const steps = (book: AdviceBook): readonly AdviceState[] => only(book).history.map(({ state }) => state);
const loud = (book: AdviceBook): number =>
  book.samples('pg', last).filter(({ metric }) => metric.name === 'db_advice_recommendations').length;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'submilli-book-'));
  now = Date.parse('2026-05-01T12:00:00Z');
  warnings.length = 0;
  last = nothing;
});
afterEach(() => rmSync(directory, { recursive: true }));

describe('the life of a recommendation', () => {
  it('begins open, and lasts while it is found', () => {
    const book = bookAt(null);
    const start = now;
    note(book, found(advice('a')));
    now += DAY;
    note(book, found(advice('a')));
    expect(only(book)).toMatchObject({ state: 'open', stateSince: at(start), firstSeen: at(start), lastSeen: at(now) });
    expect(steps(book)).toEqual(['open']);
  });

  it('is resolved when its rule does not find it for two windows, not for one', () => {
    const book = bookAt(null);
    note(book, found(advice('a')));
    note(book, nothing);
    now += PATIENCE - 1;
    note(book, nothing);
    expect(stateOf(book)).toBe('open');
    now += 1;
    note(book, nothing);
    expect(stateOf(book)).toBe('resolved');
    note(book, found(advice('a')));
    expect(steps(book)).toEqual(['open', 'resolved', 'open']);
  });

  it('waits for a rule that cannot look, for a day; then it is expired', () => {
    const book = bookAt(null);
    note(book, found(advice('a')));
    now += DAY;
    note(book, blind);
    expect(stateOf(book)).toBe('open');
    now += 1;
    expect(stateOf(book)).toBe('expired');
    note(book, blind);
    expect(steps(book)).toEqual(['open', 'expired']);
  });

  it('is applied, verified, regressed or without effect as its rule says, with what shows it', () => {
    const book = bookAt(null);
    note(book, found(advice('a')));
    for (const state of ['applied', 'verified', 'regressed', 'no-effect'] as const) {
      now += MINUTE;
      note(book, told('a', state));
      note(book, told('a', state));
      expect(only(book)).toMatchObject({ state, stateSince: at(now) });
    }
    expect(steps(book)).toEqual(['open', 'applied', 'verified', 'regressed', 'no-effect']);
    expect(only(book).history.at(-1)?.evidence).toEqual([{ label: 'scans', value: 12, unit: '' }]);
    now += 10 * PATIENCE;
    note(book, nothing);
    expect(stateOf(book)).toBe('no-effect');
    note(book, found(advice('a')));
    expect(stateOf(book)).toBe('open');
  });

  it('is applied although still found, as long as its rule says so, and then counts no more', () => {
    const book = bookAt(null);
    note(book, found(advice('a')));
    expect(loud(book)).toBe(1);
    note(book, told('a', 'applied', [advice('a')]));
    expect(stateOf(book)).toBe('applied');
    expect(loud(book)).toBe(0);
    note(book, found(advice('a')));
    expect(stateOf(book)).toBe('open');
  });

  it('gives rules what they found, also what somebody dismissed or what is resolved', async () => {
    const book = bookAt(null);
    note(book, found(advice('a'), advice('b')));
    await book.say('b', said('dismiss'), ['pg']);
    expect(book.past('pg')).toMatchObject([
      { subject: 'a', rule: 'high', state: 'open', firstSeen: now },
      { subject: 'b', state: 'dismissed' },
    ]);
    expect(book.past('another')).toEqual([]);
  });

  it('is forgotten a month after its end, and then a new one when it comes back', () => {
    const book = bookAt(null);
    note(book, found(advice('a')));
    now += 32 * DAY;
    note(book, found(advice('a')));
    expect(only(book)).toMatchObject({ firstSeen: at(now), lastSeen: at(now) });
  });

  it('has a history that does not grow without end', () => {
    const book = bookAt(null);
    for (let i = 0; i < 100; i += 1) {
      now += MINUTE;
      note(book, i % 2 === 0 ? found(advice('a')) : told('a', 'applied'));
    }
    expect(steps(book)).toHaveLength(20);
    now += 80 * DAY;
    note(book, found(advice('a')));
    expect(steps(book)).toEqual(['open']);
  });

  it('is remembered with at most two thousand others, those seen last', () => {
    const book = bookAt(null);
    note(book, found(advice('old')));
    now += 1;
    note(book, found(...Array.from({ length: 2000 }, (_, i) => advice(`n${i}`))));
    note(book, found(...Array.from({ length: 2000 }, (_, i) => advice(`n${i}`))));
    expect(book.past('pg').map(({ subject }) => subject)).not.toContain('old');
    expect(book.past('pg')).toHaveLength(2000);
  });

  it('is not crowded out by those of other targets, however many there are', () => {
    const book = bookAt(null);
    const start = now;
    note(book, found(advice('old')));
    for (let target = 0; target < 200; target += 1) {
      now += 1;
      const theirs = Array.from({ length: 15 }, (_, i) => advice(`t${target}-${i}`));
      book.note(`t${target}`, found(...theirs), PATIENCE);
    }
    note(book, found(advice('old')));
    expect(only(book).firstSeen).toBe(at(start));
    expect(book.past('t0')).toHaveLength(15);
  });
});

describe('what people say of a recommendation', () => {
  const states = (book: AdviceBook) =>
    book
      .samples('pg', last)
      .filter(({ metric }) => metric.name === 'db_advice_states')
      .map(({ labels, value }) => [...labels, value]);

  it.each([
    ['acknowledge', null, 'acknowledged', 1],
    ['snooze', 5 * MINUTE, 'snoozed', 0],
    ['dismiss', null, 'dismissed', 0],
  ] as const)('to %s it is a note with who and why, and is counted so', async (action, forMs, state, counted) => {
    const book = bookAt(null);
    note(book, found(advice('a')));
    const until = forMs === null ? null : now + forMs;
    expect(await book.say('a', said(action, until), ['pg'])).toMatchObject({
      ...{ state, stateSince: at(now), history: [{ state: 'open' }, { state, by: 'ann', why: 'mine' }] },
      note: { state, by: 'ann', why: 'mine', at: at(now), until: until === null ? null : at(until) },
    });
    expect(loud(book)).toBe(counted);
    expect(states(book)).toEqual([[state, 'warning', 1]]);
    expect(await book.say('a', said('reopen'), ['pg'])).toMatchObject({ state: 'open', note: null });
    expect(await book.say('a', said('reopen'), ['pg'])).toMatchObject({ refused: 'conflict' });
  });

  it('lapses at its time', async () => {
    const book = bookAt(null);
    note(book, found(advice('a')));
    await book.say('a', said('snooze', now + MINUTE), ['pg']);
    now += MINUTE;
    expect(only(book)).toMatchObject({ state: 'open', note: null });
    note(book, found(advice('a')));
    expect(steps(book)).toEqual(['open', 'snoozed', 'open']);
    expect(loud(book)).toBe(1);
  });

  it('does not stand for something more severe, but for something milder', async () => {
    const book = bookAt(null);
    note(book, found(advice('a')));
    await book.say('a', said('dismiss'), ['pg']);
    note(book, found(advice('a', 'info')));
    expect(stateOf(book)).toBe('dismissed');
    note(book, found(advice('a', 'critical')));
    expect(stateOf(book)).toBe('open');
    expect(only(book).history.at(-1)?.why).toBe('critical now, warning when it was dismissed');
  });

  it('is over when the matter is, except that nobody wants to hear of it', async () => {
    const book = bookAt(null);
    note(book, found(advice('a'), advice('b')));
    await book.say('a', said('acknowledge'), ['pg']);
    await book.say('b', said('dismiss'), ['pg']);
    note(book, nothing);
    now += PATIENCE;
    note(book, nothing);
    expect(all(book).map(({ state }) => state)).toEqual(['resolved', 'resolved']);
    note(book, found(advice('a'), advice('b')));
    expect(all(book).map(({ state }) => state)).toEqual(['open', 'dismissed']);
  });

  it('is refused of what is unknown, of targets that are gone, and of what is over', async () => {
    const book = bookAt(null);
    note(book, found(advice('a')));
    expect(await book.say('b', said('dismiss'), ['pg'])).toMatchObject({ refused: 'unknown' });
    expect(await book.say('a', said('dismiss'), ['another'])).toMatchObject({ refused: 'unknown' });
    note(book, told('a', 'applied'));
    expect(await book.say('a', said('dismiss'), ['pg'])).toEqual({
      refused: 'conflict',
      why: 'it is applied: there is nothing to dismiss',
    });
  });
});

describe('a book with a file', () => {
  const reopened = async (book: AdviceBook, path: string): Promise<AdviceBook> => {
    await book.close();
    return bookAt(path);
  };

  it('has everything after a restart: states, notes, history, when each was seen', async () => {
    const path = join(directory, 'state', 'advice.journal');
    let book = bookAt(path);
    note(book, found(advice('a'), advice('b')));
    await book.say('a', said('dismiss'), ['pg']);
    now += MINUTE;
    note(book, { ...told('b', 'applied'), found: [advice('a')] });
    now += 1000;
    note(book, { ...told('b', 'applied'), found: [advice('a', 'info', 'raise it')] });
    const before = all(book);
    book = await reopened(book, path);
    expect(all(book)).toEqual(before);
    expect(before.map(({ state, lastSeen }) => [state, lastSeen])).toEqual([
      ['dismissed', at(now)],
      ['applied', at(now - MINUTE - 1000)],
    ]);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readdirSync(join(directory, 'state'))).toEqual(['advice.journal']);
    expect(warnings).toEqual([]);
  });

  it('cut or changed at any byte, comes back as it once was', async () => {
    const path = join(directory, 'advice.journal');
    const book = bookAt(path);
    const remembered = (of: AdviceBook): string =>
      JSON.stringify(of.past('pg').map((one) => [one.subject, one.state, one.stateSince, one.firstSeen, one.lastSeen]));
    const once = [remembered(book)];
    const kept = async (): Promise<void> => {
      await book.close();
      once.push(remembered(book));
    };
    note(book, found(advice('a')));
    await kept();
    for (const step of [said('acknowledge'), said('snooze', now + DAY), said('reopen')]) {
      await book.say('a', step, ['pg']);
      await kept();
    }
    now += MINUTE;
    note(book, found(advice('a')));
    await kept();
    note(book, found(advice('a'), advice('b')));
    await kept();
    note(book, told('a', 'applied', [advice('b')]));
    await kept();
    const whole = readFileSync(path);
    const after = new Set<string>();
    for (let at = 0; at < whole.length; at += 1) {
      const changed = Buffer.from(whole);
      changed[at] = (changed[at] ?? 0) ^ 0x20;
      for (const contents of [whole.subarray(0, at), changed]) {
        writeFileSync(path, contents);
        after.add(remembered(bookAt(path)));
      }
    }
    expect(once).toEqual(expect.arrayContaining([...after]));
    expect(after.size).toBeGreaterThan(5);
  }, 60_000);

  it('stays small though it is written for a year', async () => {
    const path = join(directory, 'advice.journal');
    const book = bookAt(path);
    const many = Array.from({ length: 200 }, (_, i) => advice(`n${i}`));
    for (let i = 0; i < 250; i += 1) {
      now += MINUTE;
      note(book, found(...many));
      if (i % 25 === 0) await book.say('n0', said('acknowledge'), ['pg']);
      await book.close();
    }
    expect(statSync(path).size).toBeLessThan(600_000);
    expect(bookAt(path).past('pg')).toHaveLength(200);
  }, 60_000);

  it('starts with nothing when its file is garbage, says so once, and works on', async () => {
    const path = join(directory, 'advice.journal');
    writeFileSync(path, 'garbage');
    const book = bookAt(path);
    note(book, found(advice('a')));
    await book.close();
    expect(warnings).toHaveLength(1);
    expect(bookAt(path).past('pg')).toHaveLength(1);
    expect(warnings).toHaveLength(1);
  });

  it('passes over records that it does not know, as of a later version', async () => {
    const path = join(directory, 'advice.journal');
    const book = bookAt(path);
    note(book, found(advice('a')));
    await book.close();
    const journal = openJournal({ path, log, what: 'it', snapshot: () => [] });
    await journal.append({ something: 'else' });
    expect(bookAt(path).past('pg')).toHaveLength(1);
  });

  it('works on in memory when it cannot write, and says so once', async () => {
    const path = join(directory, 'a-file');
    writeFileSync(path, '');
    const book = bookAt(join(path, 'advice.journal'));
    note(book, found(advice('a')));
    await book.close();
    note(book, found(advice('a'), advice('b')));
    await book.close();
    expect(all(book)).toHaveLength(2);
    expect(warnings.filter((warning) => warning.includes('cannot be kept'))).toHaveLength(1);
  });

  it('lists every rule as not evaluated while a target is down, and what was found before', () => {
    const book = bookAt(null);
    note(book, found(advice('a')));
    const answer = book.answer([{ target: 'pg', advice: undefined, reason: 'refused', rules: ['high'] }]);
    expect(answer).toMatchObject({
      ...{ recommendations: [], evaluated: [], earlier: [{ id: 'a', state: 'open' }] },
      notEvaluated: [{ rule: 'high', target: 'pg', reason: 'refused' }],
    });
  });

  it('lets two processes share a directory without harm, though the last one to write wins', async () => {
    const path = join(directory, 'advice.journal');
    mkdirSync(directory, { recursive: true });
    const [one, two] = [bookAt(path), bookAt(path)];
    note(one, found(advice('a')));
    await one.close();
    note(two, found(advice('b')));
    await two.close();
    now += DAY;
    note(one, found(advice('a'), advice('c')));
    await one.close();
    expect(
      bookAt(path)
        .past('pg')
        .map(({ subject }) => subject),
    ).toEqual(['a', 'c']);
    expect(readFileSync(path, 'utf8').trim().split('\n')).toHaveLength(2);
    expect(warnings).toEqual([]);
  });
});
