import fc from 'fast-check';
import { accessTo, type Directory, formats, idsOf, lineOf, look, nameOf, patient } from '../../test/log-directory';
import { inOrder, type Position } from './position';
import { readOn } from './read';
import { understand } from './understand';

describe.each(formats)('reading on in a %s', (format) => {
  const name = nameOf(format, 'a');
  const start = async (directory: Directory): Promise<Position> => (await look(directory, format, undefined)).position;

  it('tells each line once, however it is written, rotated, read and left off', async () => {
    const step = fc.record({
      write: fc.array(fc.constantFrom('SELECT 1', "x\n2026-11-23 20:25:37.123 UTC,y\n'", 'é"', ''), { maxLength: 4 }),
      cutAt: fc.double({ min: 0, max: 1, noNaN: true }),
      rotate: fc.boolean(),
      look: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 12 }),
        fc.integer({ min: 400, max: 2000 }),
        async (steps, mostBytes) => {
          const directory: Directory = new Map([
            [nameOf(format, 'f0'), { bytes: Buffer.from(lineOf(format, 999)), modified: 0 }],
          ]);
          let position = await start(directory);
          const told: number[] = [];
          let id = 0;
          let file = 0;
          let clock = 0;
          let pending = Buffer.alloc(0);
          const read = async (): Promise<void> => {
            const found = await look(directory, format, position, { mostBytes });
            told.push(...idsOf(found));
            expect(found.counts).toMatchObject({ skipped: 0, garbage: 0 });
            position = JSON.parse(JSON.stringify(found.position)) as Position;
          };
          const write = (bytes: Buffer): void => {
            const key = nameOf(format, `f${file}`);
            const old = directory.get(key)?.bytes ?? Buffer.alloc(0);
            directory.set(key, { bytes: Buffer.concat([old, bytes]), modified: (clock += 1) });
          };
          for (const { write: texts, cutAt, rotate, look: isLook } of steps) {
            const all = Buffer.concat([pending, ...texts.map((text) => Buffer.from(lineOf(format, (id += 1), text)))]);
            const cut = rotate ? all.length : Math.floor(cutAt * all.length);
            write(all.subarray(0, cut));
            pending = Buffer.from(all.subarray(cut));
            if (isLook) await read();
            if (rotate) {
              file += 1;
              write(Buffer.alloc(0));
            }
          }
          write(pending);
          await read();
          expect(told).toEqual(Array.from({ length: id }, (_, i) => i + 1));
        },
      ),
      { numRuns: 200 },
    );
  });

  it('goes on behind a record that is longer than what is read at a time', async () => {
    const directory: Directory = new Map([[name, { bytes: Buffer.from(lineOf(format, 1)), modified: 1 }]]);
    let position = await start(directory);
    const long = lineOf(format, 2, `'${'multi\nline "x" '.repeat(4000)}'`);
    const bytes = Buffer.from(lineOf(format, 1) + long + [3, 4, 5].map((id) => lineOf(format, id)).join(''));
    directory.set(name, { bytes, modified: 2 });
    const told: number[] = [];
    let counted = 0;
    for (let i = 0; i < 5; i += 1) {
      const found = await look(directory, format, position, { mostBytes: 10_000 });
      ({ position } = found);
      told.push(...idsOf(found));
      counted += found.counts.bytes + found.counts.skipped;
      if (i === 4) expect(found.behind).toBe(0);
    }
    expect(told).toEqual([3, 4, 5]);
    // All but what was there before, of which the last byte was looked at.
    expect(counted).toBe(bytes.length - lineOf(format, 1).length);
  });

  it('counts a byte once, though half a record is looked at again', async () => {
    const directory: Directory = new Map([[name, { bytes: Buffer.from(lineOf(format, 1)), modified: 1 }]]);
    let position = await start(directory);
    const bytes = Buffer.from(lineOf(format, 1) + lineOf(format, 2) + lineOf(format, 3));
    let counted = 0;
    for (let end = lineOf(format, 1).length; end <= bytes.length; end += 20) {
      directory.set(name, { bytes: bytes.subarray(0, end), modified: end });
      const found = await look(directory, format, position);
      ({ position } = found);
      counted += found.counts.bytes;
    }
    directory.set(name, { bytes, modified: 9999 });
    counted += (await look(directory, format, position)).counts.bytes;
    expect(counted).toBe(lineOf(format, 2).length + lineOf(format, 3).length);
  });

  it('begins with a whole record, though the last one was being written', async () => {
    const whole = Buffer.from(lineOf(format, 1, `'a\nb "c"'`) + lineOf(format, 2) + lineOf(format, 3));
    for (let cut = 2; cut < lineOf(format, 1, `'a\nb "c"'`).length; cut += 1) {
      const directory: Directory = new Map([[name, { bytes: whole.subarray(0, cut), modified: 1 }]]);
      const position = await start(directory);
      directory.set(name, { bytes: whole, modified: 2 });
      const found = await look(directory, format, position);
      expect(idsOf(found)).toEqual([2, 3]);
      expect(found.counts.garbage).toBeLessThanOrEqual(1);
    }
  });

  it('reads all that is there at once, over files, and says how far behind it is while it can’t', async () => {
    const many = (from: number): Buffer =>
      Buffer.from(Array.from({ length: 50 }, (_, i) => lineOf(format, from + i)).join(''));
    const directory: Directory = new Map([[name, { bytes: Buffer.from(lineOf(format, 1)), modified: 1 }]]);
    const position = await start(directory);
    directory.set(name, { bytes: Buffer.concat([Buffer.from(lineOf(format, 1)), many(2)]), modified: 2 });
    directory.set(nameOf(format, 'b'), { bytes: many(52), modified: 3 });
    directory.set(nameOf(format, 'c'), { bytes: many(102), modified: 4 });
    const found = await look(directory, format, position, { mostBytes: 1000 });
    expect(idsOf(found)).toEqual(Array.from({ length: 150 }, (_, i) => i + 2));
    expect(found.behind).toBe(0);
    const { access } = accessTo(directory, 1000);
    let left = 1000;
    const hasty = { remainingMs: () => (left -= 400) };
    const some = await readOn(access, format, inOrder(await access.list(patient), format), position, hasty);
    const rest = many(2).length + many(52).length + many(102).length - some.counts.bytes;
    expect(some.counts.bytes).toBeGreaterThan(0);
    expect(some.behind).toBe(rest);
  });

  it('begins anew when the file is replaced between two looks at it, be it longer or shorter', async () => {
    const directory: Directory = new Map([[name, { bytes: Buffer.from(lineOf(format, 1)), modified: 1 }]]);
    let position = await start(directory);
    directory.set(name, { bytes: Buffer.from([1, 2].map((id) => lineOf(format, id)).join('')), modified: 2 });
    ({ position } = await look(directory, format, position));
    const other = Buffer.from([7, 8, 9].map((id) => lineOf(format, id)).join(''));
    // It was listed as it was before.
    let isReplaced = false;
    const replace = (): void => {
      if (!isReplaced) directory.set(name, { bytes: other.subarray(0, 10), modified: 3 });
      isReplaced = true;
    };
    const between = await look(directory, format, position, { before: replace });
    directory.set(name, { bytes: other, modified: 4 });
    const after = await look(directory, format, between.position);
    expect([...idsOf(between), ...idsOf(after)]).toEqual([7, 8, 9]);
  });

  it('is not held up by a file that is gone since it was listed', async () => {
    const directory: Directory = new Map([[name, { bytes: Buffer.from(lineOf(format, 1)), modified: 1 }]]);
    const position = await start(directory);
    const gone = await look(directory, format, position, { before: () => directory.delete(name) });
    expect(idsOf(gone)).toEqual([]);
    directory.set(nameOf(format, 'b'), { bytes: Buffer.from(lineOf(format, 2)), modified: 2 });
    expect(idsOf(await look(directory, format, gone.position))).toEqual([2]);
  });
});

describe('a csvlog in which half a record was left', () => {
  it('is understood again at the next statement of several lines', async () => {
    const format = 'csvlog';
    const lines = (from: number): string =>
      Array.from({ length: 20 }, (_, i) => lineOf(format, from + i, "SELECT 'a,\nb',\n  c")).join('');
    const half = lineOf(format, 100).slice(0, -60).replace(/"$/, '');
    const directory: Directory = new Map([['a.csv', { bytes: Buffer.from(lineOf(format, 1)), modified: 1 }]]);
    const { position } = await look(directory, format, undefined);
    directory.set('a.csv', { bytes: Buffer.from(lineOf(format, 1) + half + lines(2)), modified: 2 });
    const told = idsOf(await look(directory, format, position));
    expect(told.length).toBeGreaterThanOrEqual(17);
    expect(new Set(told).size).toBe(told.length);
  });
});

describe('a duration whose statement was logged before it', () => {
  const line = (message: string, pid: number): string =>
    JSON.stringify({
      ...{ timestamp: '2026-11-23 20:25:37.123 UTC', user: 'app', dbname: 'trading', pid, ps: 'SELECT' },
      ...{ error_severity: 'LOG', message, backend_type: 'client backend' },
    });
  const phases = async (...lines: readonly string[]): Promise<readonly unknown[]> => {
    const bytes = Buffer.from(lines.map((one) => `${one}\n`).join(''));
    const found = await understand(bytes, { format: 'jsonlog', midway: false, final: false, full: false });
    return found.lines.map((one) => (one.kind === 'duration' ? `${one.pid} ${one.phase}` : one.kind));
  };

  it('is of the phase that its own session announced', async () => {
    const all = [line('execute s1: SELECT 1', 1), line('statement: SELECT 1', 2)];
    const bare = 'duration: 1.000 ms';
    expect(await phases(...all, line(bare, 2), line(bare, 1), line(bare, 2))).toEqual([
      '2 simple',
      '1 execute',
      '2 simple',
    ]);
  });
});
