import fc from 'fast-check';
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Logger, silentLogger } from '../log';
import { openJournal } from './journal';

let directory: string;
let path: string;
let warnings: string[];
const log: Logger = { ...silentLogger, warn: (_, message) => warnings.push(message) };

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'submilli-journal-'));
  path = join(directory, 'x.journal');
  warnings = [];
});
afterEach(() => rmSync(directory, { recursive: true }));

/** A journal whose whole contents are its records, as one that only grows. */
const keeping = () => {
  const all: unknown[] = [];
  const journal = openJournal({ path, log, what: 'the memory', snapshot: () => all });
  all.push(...journal.records);
  return {
    all,
    journal,
    add: (record: unknown): Promise<void> => {
      all.push(record);
      return journal.append(record);
    },
  };
};
const held = (): readonly unknown[] => keeping().journal.records;

const records = fc.array(fc.oneof(fc.jsonValue(), fc.record({ text: fc.string({ unit: 'binary' }) })), {
  maxLength: 8,
});

describe('a journal', () => {
  it('gives back what was put in, in order, whatever it is', async () => {
    await fc.assert(
      fc.asyncProperty(records, async (values) => {
        if (existsSync(path)) unlinkSync(path);
        for (const value of values) await keeping().add(value);
        expect(JSON.stringify(held())).toBe(JSON.stringify(values));
      }),
      { numRuns: 50 },
    );
    expect(warnings).toEqual([]);
  });

  it('cut at any byte holds the records before that, says what is lost, and goes on from there', async () => {
    const { add } = keeping();
    for (let i = 0; i < 6; i += 1) await add({ i, text: 'ü\n'.repeat(i) });
    const whole = readFileSync(path);
    const ends = [...whole.entries()].filter(([, byte]) => byte === 10).map(([at]) => at + 1);
    for (let cut = 0; cut <= whole.length; cut += 1) {
      writeFileSync(path, whole.subarray(0, cut));
      warnings = [];
      const kept = ends.filter((end) => end <= cut).length;
      const after = keeping();
      expect(after.journal.records).toEqual(Array.from({ length: kept }, (_, i) => ({ i, text: 'ü\n'.repeat(i) })));
      expect(warnings).toHaveLength(cut === 0 || ends.includes(cut) ? 0 : 1);
      await after.add('next');
      expect(held()).toEqual([...after.journal.records, 'next']);
    }
  });

  it('with any byte changed holds the records before that line and nothing made up', async () => {
    const { add } = keeping();
    for (let i = 0; i < 4; i += 1) await add({ i });
    const whole = readFileSync(path);
    for (let at = 0; at < whole.length; at += 1) {
      for (const byte of [0, 10, 13, 0x7b, 0xff, (whole[at] ?? 0) ^ 1]) {
        const damaged = Buffer.from(whole);
        damaged[at] = byte;
        writeFileSync(path, damaged);
        const line = whole.subarray(0, at).filter((each) => each === 10).length;
        const expected = byte === whole[at] ? 4 : line;
        expect(held()).toEqual(Array.from({ length: expected }, (_, i) => ({ i })));
      }
    }
  });

  it('starts anew from any garbage, without a crash', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 200 }), async (garbage) => {
        writeFileSync(path, garbage);
        const { journal, add } = keeping();
        expect(journal.records).toEqual([]);
        await add(1);
        expect(held()).toEqual([1]);
      }),
      { numRuns: 50 },
    );
  });

  it('is written anew when it has grown far beyond what it stands for', async () => {
    let current: unknown = null;
    const journal = openJournal({ path, log, what: 'it', snapshot: () => [current] });
    for (let i = 0; i < 600; i += 1) {
      current = { i, text: 'x'.repeat(2000) };
      await journal.append(current);
    }
    expect(readFileSync(path).length).toBeLessThan(256 * 1024 + 1);
    expect(held().at(-1)).toEqual(current);
  });

  it('does not build on a file that somebody else has changed or removed', async () => {
    const { add } = keeping();
    await add(1);
    appendFileSync(path, 'half a li');
    await add(2);
    expect(held()).toEqual([1, 2]);
    unlinkSync(path);
    await add(3);
    expect(held()).toEqual([1, 2, 3]);
    expect(warnings).toEqual([]);
  });

  it('has written all in order when many come at once', async () => {
    const { add, journal } = keeping();
    for (let i = 0; i < 100; i += 1) void add(i);
    await journal.settled();
    expect(held()).toEqual(Array.from({ length: 100 }, (_, i) => i));
  });
});
