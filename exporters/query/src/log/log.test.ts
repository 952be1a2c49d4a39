import fc from 'fast-check';
import { parseCsvRecord, parseJsonLine } from './line';
import { beginAt, inOrder, type LogFile, MOST_BEHIND, nextRead, type Position } from './position';
import { cutRecords, firstStart, type Format } from './records';
import { isCovering, type LogSettings, millisecondsOf, type Sampling, samplingFor, weightOf } from './settings';
import { recommendSampling } from './tuner';
import { inForce, weightOfLine } from './weights';

const json = (more: object, queryid = '-8370829837123456789'): string =>
  `${JSON.stringify({
    ...{ timestamp: '2026-11-23 20:25:37.123 UTC', user: 'app', dbname: 'trading', pid: 42, ps: 'SELECT' },
    ...{ error_severity: 'LOG', message: 'duration: 0.056 ms  statement: SELECT 1', backend_type: 'client backend' },
    ...more,
  }).slice(0, -1)},"query_id":${queryid}}`;

describe('a line of a jsonlog', () => {
  it('keeps all 64 bits of the query id', () => {
    expect(parseJsonLine(json({}))).toMatchObject({ kind: 'duration', queryid: '-8370829837123456789' });
  });

  it.each([
    ['duration: 0.056 ms  statement: SELECT 1', 'SELECT', 'simple', 'SELECT 1'],
    ['duration: 0.070 ms  parse <unnamed>: SELECT $1', 'PARSE', 'parse', 'SELECT $1'],
    ['duration: 0.030 ms  bind s1/p1: SELECT $1', 'BIND', 'bind', 'SELECT $1'],
    ['duration: 12.345 ms  execute s1: SELECT $1', 'SELECT', 'execute', 'SELECT $1'],
    ['duration: 1.000 ms  execute fetch from s1/p1: SELECT $1', 'SELECT', 'execute', 'SELECT $1'],
    ['duration: 1.000 ms', 'BIND', 'bind', null],
    ['duration: 1.000 ms', 'COMMIT', 'simple', null],
    ['duration: 1.000 ms  fastpath function call: "lo_open" (OID 952)', 'FUNCTION CALL', 'simple', null],
  ])('tells the phase of "%s"', (message, ps, phase, text) => {
    expect(parseJsonLine(json({ message, ps }))).toMatchObject({ phase, tag: ps, text });
  });

  it('is irrelevant when it is a plan, of a background process, or about something else', () => {
    expect(parseJsonLine(json({ message: 'duration: 3.000 ms  plan:\nQuery Text: SELECT 1' }))).toBe('irrelevant');
    expect(parseJsonLine(json({ message: 'duration: 3.000 ms  plan:\n{"Plan": {}}' }))).toBe('irrelevant');
    expect(parseJsonLine(json({ backend_type: 'walsender' }))).toBe('irrelevant');
    expect(parseJsonLine(json({ message: 'checkpoint starting: time' }))).toBe('irrelevant');
    expect(parseJsonLine(json({ message: 'x "error_severity":"ERROR"' }))).toBe('irrelevant');
  });

  it('is an error by its severity', () => {
    const line = json({ error_severity: 'ERROR', state_code: '57014', message: 'canceling statement' });
    expect(parseJsonLine(line)).toMatchObject({ kind: 'error', sqlstate: '57014', database: 'trading', known: true });
  });

  it('is not known to be of a database when whoever named that was not let in', () => {
    const fatal = (state_code: string) => parseJsonLine(json({ error_severity: 'FATAL', state_code, message: 'no' }));
    expect(fatal('28P01')).toMatchObject({ kind: 'error', known: false });
    expect(fatal('53300')).toMatchObject({ kind: 'error', known: false });
    expect(fatal('57P01')).toMatchObject({ kind: 'error', known: true });
  });

  it('announces what a session is about to execute, where statements are logged before their durations', () => {
    expect(parseJsonLine(json({ message: 'statement: SELECT 1' }))).toMatchObject({ phase: 'simple', pid: 42 });
    expect(parseJsonLine(json({ message: 'execute s1: SELECT 1' }))).toMatchObject({ phase: 'execute', pid: 42 });
  });

  it('is garbage, and never an exception, whatever it is', () => {
    fc.assert(fc.property(fc.string(), (text) => typeof parseJsonLine(text) !== 'undefined'));
    fc.assert(
      fc.property(fc.json(), (text) => typeof parseJsonLine(`{"message":"duration: 1.0 ms",${text}`) !== 'undefined'),
    );
    for (const field of ['timestamp', 'user', 'dbname', 'pid', 'ps', 'message', 'backend_type']) {
      for (const value of [null, 1, [], {}, true]) {
        const parsed = parseJsonLine(json({ [field]: value }));
        if (typeof parsed === 'object') expect(['pid', 'ps']).toContain(field);
      }
    }
    const line = json({});
    for (let cut = 0; cut < line.length; cut += 1) expect(parseJsonLine(line.slice(0, cut))).toBe('garbage');
  });
});

const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;
const csv = (message: string, queryid = '-8370829837123456789'): string =>
  [
    ...['2026-11-23 20:25:37.123 UTC', '"app"', '"trading"', '42', '"[local]"', '64f.2a', '1', '"SELECT"'],
    ...[
      '2026-11-23 20:25:37 UTC',
      '3/4',
      '0',
      'LOG',
      '00000',
      quoted(message),
      '',
      '',
      '',
      '',
      '',
      '',
      '',
      '',
      '"psql"',
    ],
    ...['"client backend"', '', queryid],
  ].join(',');

describe('records of a csvlog', () => {
  it('have the fields of PostgreSQL 14', () => {
    const message = "duration: 0.056 ms  statement: SELECT '\"'\n, 1";
    expect(parseCsvRecord(csv(message))).toMatchObject({
      ...{ phase: 'simple', seconds: 0.000056, user: 'app', database: 'trading', pid: 42 },
      ...{ text: "SELECT '\"'\n, 1", queryid: '-8370829837123456789' },
    });
  });

  it('are none without a process that they are of', () => {
    for (const pid of ['', '\u0000', 'x', '4x', '-4']) {
      expect(parseCsvRecord(csv('duration: 1.000 ms').replace(',42,', `,${pid},`))).toBe('garbage');
    }
  });

  it('are whole whatever newlines, quotes and would-be records their text has', () => {
    const hostile = fc.array(fc.constantFrom('"', '\n', ',', 'é', '2026-11-23 20:25:37.123 UTC,"x"', 'SELECT 1', '""'));
    fc.assert(
      fc.property(fc.array(hostile, { maxLength: 5 }), (texts) => {
        const records = texts.map((parts) => csv(`duration: 1.000 ms  statement: ${parts.join('')}`));
        const cut = cutRecords(Buffer.from(records.map((record) => `${record}\n`).join('')), 'csvlog');
        expect(cut.records.map(({ text }) => text)).toEqual(records);
        for (const { text } of cut.records) expect(parseCsvRecord(text)).toMatchObject({ kind: 'duration' });
      }),
    );
  });
});

describe('reading a log that grows', () => {
  const lines: Readonly<Record<Format, string>> = {
    jsonlog: `${[json({}), json({ message: 'duration: 2.000 ms  statement: é\n' }), json({})].join('\n')}\n`,
    csvlog: `${[csv('duration: 1.000 ms  statement: "a"\nb'), csv('duration: 2.000 ms'), csv('é')].join('\n')}\n`,
  };

  it.each(['jsonlog', 'csvlog'] as const)('gives every record of a %s once, stopped at whatever byte', (format) => {
    const whole = Buffer.from(lines[format]);
    const all = cutRecords(whole, format).records.map(({ text }) => text);
    expect(all).toHaveLength(3);
    for (let first = 0; first <= whole.length; first += 1) {
      const one = cutRecords(whole.subarray(0, first), format);
      const two = cutRecords(whole.subarray(one.bytes), format);
      expect([...one.records, ...two.records].map(({ text }) => text)).toEqual(all);
      expect(one.bytes + two.bytes).toBe(whole.length);
    }
  });

  it.each(['jsonlog', 'csvlog'] as const)('finds the next record of a %s from any byte in the middle', (format) => {
    const whole = Buffer.from(lines[format]);
    const starts = cutRecords(whole, format).records.map(({ at }) => at);
    for (let from = 0; from < whole.length; from += 1) {
      const found = firstStart(whole.subarray(from), format);
      const next = starts.find((start) => start > from);
      if (next !== undefined) expect((found ?? NaN) + from).toBe(next);
      else expect(found === undefined || found + from === whole.length).toBe(true);
    }
  });
});

describe('where to go on in a log', () => {
  const file = (name: string, size: number, modified: number): LogFile => ({ name, size, modified });
  const at = (name: string, offset: number, modified: number, head = 'aa'): Position => ({
    ...{ format: 'jsonlog', file: name, offset, head, modified },
  });

  it('begins at the end of the file that is written now, with its last byte: does a record end there?', () => {
    const files = inOrder([file('b.json', 10, 2), file('a.json', 99, 1), file('c.csv', 5, 3)], 'jsonlog');
    expect(beginAt(files)).toMatchObject({ file: { name: 'b.json' }, offset: 9, midway: true });
  });

  it('reads a file to its end before it turns to the next, which it reads from its start', () => {
    const files = [file('a.json', 20, 1), file('b.json', 10, 2)];
    expect(nextRead(at('a.json', 15, 1), files, 'aabb')).toMatchObject({
      file: { name: 'a.json' },
      offset: 15,
      final: true,
    });
    expect(nextRead(at('a.json', 20, 1), files, 'aabb')).toMatchObject({
      file: { name: 'b.json' },
      offset: 0,
      final: false,
    });
  });

  it('begins a file anew that was truncated, or replaced by one of its name', () => {
    expect(nextRead(at('a.json', 15, 1), [file('a.json', 5, 2)], 'aabb')).toMatchObject({ offset: 0 });
    expect(nextRead(at('a.json', 15, 1), [file('a.json', 50, 2)], 'ccdd')).toMatchObject({ offset: 0 });
  });

  it('goes on with what was written later when the file is gone', () => {
    const files = [file('a.json', 9, 1), file('c.json', 9, 5), file('d.json', 9, 6)];
    expect(nextRead(at('b.json', 15, 3), files, undefined)).toMatchObject({ file: { name: 'c.json' }, offset: 0 });
    expect(nextRead(at('b.json', 15, 9), files, undefined)).toMatchObject({ file: undefined });
    // The one before it ended in the same second.
    expect(nextRead(at('b.json', 15, 5), files, undefined)).toMatchObject({ file: { name: 'd.json' } });
  });

  it('reads what was written between when a name comes again, and its file is another', () => {
    const week = [file('tue.json', 9, 2), file('sun.json', 9, 7), file('mon.json', 50, 8)];
    expect(nextRead(at('mon.json', 15, 1), week, 'ccdd')).toMatchObject({ file: { name: 'tue.json' }, behind: 68 });
  });

  it('gives up what is too much, and says how much that is', () => {
    const files = [file('a.json', MOST_BEHIND, 1), file('b.json', MOST_BEHIND, 2)];
    const next = nextRead(at('a.json', 100, 1), files, 'aa');
    expect(next).toMatchObject({ file: { name: 'b.json' }, midway: true });
    expect(next.skipped + (MOST_BEHIND - next.offset)).toBe(2 * MOST_BEHIND - 100);
  });
});

describe('how many statements a line stands for', () => {
  const sampling = { threshold: 0.002, sampleFrom: 0, rate: 0.01, transactions: 0, everything: false };
  const settings = (overrides: LogSettings['overrides'] = []): LogSettings => ({
    ...{ own: sampling, overrides, destinations: ['jsonlog'], collector: true, directory: 'log' },
    ...{ dataDirectory: '/', messages: 'C', utcOffsetSeconds: 0, now: 1000 },
  });

  it('is one from the threshold up, and the reciprocal of the rate below', () => {
    expect(weightOf(sampling, 0.002)).toBe(1);
    expect(weightOf(sampling, 0.001999)).toBe(100);
    expect(weightOf({ ...sampling, everything: true }, 0.001)).toBe(1);
    expect(weightOf({ ...sampling, sampleFrom: null }, 0.001)).toBe(1);
  });

  it('adds up to the number of statements, on average', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 0.01, noNaN: true }), { maxLength: 50 }), (all) => {
        const expected = all.map((seconds) => (seconds >= 0.002 ? 1 : 0.01) * weightOf(sampling, seconds));
        expect(expected.reduce((sum, one) => sum + one, 0)).toBeCloseTo(all.length, 9);
      }),
    );
  });

  it('follows the settings of role and database, the most specific ones first', () => {
    const own = settings([
      { role: 'app', database: 'trading', values: { rate: 0.5 } },
      { role: 'app', database: '', values: { rate: 0.1, threshold: 0.001 } },
      { role: '', database: 'trading', values: { rate: 0.2, threshold: 0.005 } },
    ]);
    expect(samplingFor(own, 'app', 'trading')).toMatchObject({ rate: 0.5, threshold: 0.001 });
    expect(samplingFor(own, 'app', 'other')).toMatchObject({ rate: 0.1, threshold: 0.001 });
    expect(samplingFor(own, 'x', 'trading')).toMatchObject({ rate: 0.2, threshold: 0.005 });
    expect(samplingFor(own, 'x', 'y')).toEqual(sampling);
  });

  const line = { user: 'app', database: 'trading', sessionStart: '1970-01-01 00:10:00 UTC' };
  const having = (own: Partial<Sampling>, now: number, overrides: LogSettings['overrides'] = []): LogSettings => ({
    ...{ ...settings(overrides), own: { ...sampling, ...own }, now },
  });

  it('is not known while the settings change, unless both say the same', () => {
    const before = inForce(undefined, having({}, 1000), 0);
    const now = inForce(before, having({ rate: 0.02 }, 1001), 0);
    expect(weightOfLine({ ...line, seconds: 0.001 }, now)).toBeUndefined();
    expect(weightOfLine({ ...line, seconds: 0.003 }, now)).toBe(1);
    expect(weightOfLine({ ...line, seconds: 0.001 }, inForce(now, having({ rate: 0.02 }, 1002), 0))).toBe(50);
  });

  it('is not known either while older lines are still to be read', () => {
    const before = inForce(undefined, having({}, 1000), 0);
    const now = inForce(before, having({ rate: 0.02 }, 1001), 5);
    expect(weightOfLine({ ...line, seconds: 0.001 }, inForce(now, having({ rate: 0.02 }, 1002), 5))).toBeUndefined();
  });

  it('follows for a session the settings of its role when it began: they change for later ones alone', () => {
    const before = inForce(undefined, having({}, 1000), 0);
    const now = inForce(before, having({}, 1001, [{ role: 'app', database: '', values: { rate: 1 } }]), 0);
    const at = (sessionStart: string): number | undefined => weightOfLine({ ...line, sessionStart, seconds: 0 }, now);
    expect(at('1970-01-01 00:16:39 UTC')).toBe(100);
    expect(at('1970-01-01 00:16:40 UTC')).toBeUndefined();
    expect(at('1970-01-01 00:16:42 UTC')).toBe(1);
    expect(at('whenever')).toBeUndefined();
  });

  it('counts with transactions that are drawn whole', () => {
    expect(weightOf({ ...sampling, transactions: 0.5, sampleFrom: null }, 0.001)).toBe(2);
    expect(weightOf({ ...sampling, transactions: 0.5, rate: 0.5 }, 0.001)).toBeCloseTo(4 / 3, 12);
    expect(isCovering({ ...sampling, transactions: 0.5, sampleFrom: null })).toBe(true);
  });

  it('reads the units of a setting as PostgreSQL does', () => {
    expect(['5', '5ms', '2s', '1min', '1500us', '-1'].map(millisecondsOf)).toEqual([5, 5, 2000, 60_000, 2, -1]);
  });
});

describe('the recommended sampling', () => {
  const off = { threshold: null, sampleFrom: null, rate: 1, transactions: 0, everything: false };

  /** What a Pareto tail of shape 2 has beyond the millisecond before its P99. */
  const steep = (calls: number) => ({ p99: 0.0112, linesPerSecond: calls * 0.0104 });

  it('keeps to some 200 lines per second and the tail, and is content with what it recommended', () => {
    fc.assert(
      fc.property(fc.double({ min: 1, max: 1e6, noNaN: true }), fc.boolean(), (calls, isFlat) => {
        const tail = isFlat ? { p99: 0.0112, linesPerSecond: calls * 0.9 } : steep(calls);
        const advice = recommendSampling(off, calls, tail);
        expect(advice).toBeDefined();
        if (advice === undefined) return;
        expect(calls * advice.rate).toBeLessThanOrEqual(200.001);
        expect(advice.linesPerSecond).toBeLessThanOrEqual(200.001 + Math.max(400, calls * 0.02));
        const now = {
          threshold: advice.thresholdMs / 1000,
          sampleFrom: 0,
          rate: advice.rate,
          transactions: 0,
          everything: false,
        };
        expect(isCovering(now)).toBe(true);
        expect(recommendSampling(now, calls, tail)).toBeUndefined();
      }),
    );
  });

  it('has all of the tail logged from before P99 on, so that P99 itself is counted and not drawn', () => {
    expect(recommendSampling(off, 20_000, steep(20_000))).toMatchObject({ thresholdMs: 11, linesPerSecond: 408 });
  });

  it('begins after P99 where most statements take nearly as long', () => {
    expect(recommendSampling(off, 20_000, { p99: 0.0112, linesPerSecond: 15_000 })).toMatchObject({ thresholdMs: 12 });
  });

  it('begins at a millisecond where P99 is below, or not known', () => {
    expect(recommendSampling(off, 20_000, { p99: 0.0003, linesPerSecond: 20 })).toMatchObject({ thresholdMs: 1 });
    expect(recommendSampling(off, 20_000, undefined)).toMatchObject({ thresholdMs: 1 });
  });

  it('says so when far too much is logged', () => {
    expect(recommendSampling({ ...off, threshold: 0 }, 20_000, undefined)).toMatchObject({
      rate: 0.01,
      linesPerSecondNow: 20_000,
    });
  });
});
