import fc from 'fast-check';
import { runs } from '../../../core/test/fuzz';
import { type Directory, formats, idsOf, lineOf, look, nameOf } from '../../test/log-directory';
import { parseCsvRecord, parseJsonLine } from './line';
import type { Position } from './position';
import { cutRecords, type Format } from './records';
import { understand } from './understand';

/** Statements as clients write them, with bytes that are no text in any encoding. */
const bytes = (...parts: readonly (string | number[])[]): string =>
  Buffer.concat(parts.map((part) => Buffer.from(part as string))).toString('latin1');
const texts = [
  ...[
    'SELECT 1',
    '',
    '"',
    '""',
    '"""',
    "'\n'",
    '\n\n',
    '\r',
    '\r\n',
    ',',
    '\\',
    '\\n',
    '{',
    '}',
    'a\n2026-11-23 20:25:37.123 UTC,"x","y",1',
  ],
  ...[
    'duration: 9.000 ms  statement: x',
    '"message":"duration: 1.0 ms"',
    '","query_id":7}',
    '\u2028',
    '🙂',
    'x'.repeat(3000),
  ],
  ...[bytes([0]), bytes('a', [0, 0xff], 'b'), bytes([0xc3]), bytes([0xed, 0xa0, 0x80]), bytes([0xf0, 0x9f, 0x98])],
];
/** A line as the server writes it: the text byte by byte. In JSON the server escapes what JSON does not have. */
const written = (format: Format, id: number, text: string): Buffer =>
  format === 'csvlog' ? Buffer.from(lineOf(format, id, text), 'latin1') : Buffer.from(lineOf(format, id, text));

/** What is no line of a log: the half of one, or anything else that ends. */
const garbage = fc.oneof(
  fc.uint8Array({ maxLength: 60 }).map((some) => Buffer.from(some)),
  fc
    .constantFrom('{', '{}', '{"message":"duration: 1.0 ms"', '"', '2026-11-23 20:25:37.123 UTC,"', '\n', '[1]', 'null')
    .map((text) => Buffer.from(text)),
  fc
    .tuple(fc.constantFrom(...formats), fc.nat({ max: 300 }))
    .map(([format, cut]) => written(format, 500, 'SELECT').subarray(0, cut)),
);

describe('whatever is in a log', () => {
  it('a line and a record of any kind are something or garbage, and never an exception', () => {
    const value = fc.oneof(fc.constantFrom<unknown>(null, 1e308, -1, '', 'x', [], {}), fc.jsonValue({ maxDepth: 2 }));
    const keys = [
      'timestamp',
      'user',
      'dbname',
      'pid',
      'session_start',
      'message',
      'error_severity',
      'state_code',
      'ps',
      'backend_type',
      '__proto__',
    ];
    const entry = fc
      .dictionary(fc.constantFrom(...keys), value)
      .map((more) => ({ ...(JSON.parse(lineOf('jsonlog', 1)) as object), ...more }));
    fc.assert(
      fc.property(entry, fc.nat({ max: 25 }), fc.string({ unit: 'binary' }), (json, column, text) => {
        const parsed = parseJsonLine(JSON.stringify(json));
        const fields = lineOf('csvlog', 1).trimEnd().split(',');
        const record = parseCsvRecord(fields.with(column, text).join(','));
        for (const one of [parsed, record, parseCsvRecord(text), parseJsonLine(`{${text}}`)]) {
          if (typeof one !== 'object') expect(['irrelevant', 'garbage']).toContain(one);
          else expect(Number.isFinite(one.pid)).toBe(true);
          if (typeof one === 'object' && one.kind === 'duration') expect(one.seconds).toBeGreaterThanOrEqual(0);
        }
      }),
      runs(300),
    );
  });

  it.each(formats)(
    'bytes of any kind are cut into a %s’s records that lie in them one after the other',
    async (format) => {
      const pieces = fc.array(
        fc.oneof(
          garbage,
          fc.constantFrom(...texts).map((text) => written(format, 7, text)),
          fc.constant(Buffer.from('\n')),
        ),
        { maxLength: 8 },
      );
      await fc.assert(
        fc.asyncProperty(pieces, fc.boolean(), fc.boolean(), fc.boolean(), async (parts, midway, final, full) => {
          const all = Buffer.concat(parts);
          const { records, bytes: taken } = cutRecords(all, format);
          expect(taken).toBeLessThanOrEqual(all.length);
          expect(records.map(({ at }) => at)).toEqual([...new Set(records.map(({ at }) => at))].sort((a, b) => a - b));
          const found = await understand(all, { format, midway, final, full });
          expect(found.taken).toBeLessThanOrEqual(all.length);
          expect(found.taken).toBeGreaterThanOrEqual(final ? all.length : 0);
          const starts = found.lines.map(({ at }) => at);
          expect(starts).toEqual([...new Set(starts)].sort((a, b) => a - b));
          expect(starts.every((at) => at < found.taken)).toBe(true);
        }),
        runs(200),
      );
    },
  );
});

describe.each(formats)('a %s that is written, cut short, replaced and filled with anything', (format) => {
  const start: Directory = new Map([[nameOf(format, 'f0'), { bytes: Buffer.from(lineOf(format, 999)), modified: 0 }]]);
  const operation = fc.oneof(
    { arbitrary: fc.record({ do: fc.constant('write' as const), text: fc.constantFrom(...texts) }), weight: 5 },
    fc.record({ do: fc.constant('garbage' as const), bytes: garbage }),
    fc.record({ do: fc.constantFrom('rotate' as const, 'truncate' as const, 'remove' as const, 'look' as const) }),
    fc.record({
      do: fc.constant('half' as const),
      text: fc.constantFrom(...texts),
      share: fc.double({ min: 0, max: 1, noNaN: true }),
    }),
  );

  it('tells no line twice, forgets none that is whole in a jsonlog, and comes to the end', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(operation, { maxLength: 20 }),
        fc.integer({ min: 4000, max: 9000 }),
        async (operations, mostBytes) => {
          const directory: Directory = new Map(start);
          let position: Position | undefined = (await look(directory, format, undefined)).position;
          let [id, file, clock] = [0, 0, 0];
          const whole = new Set<number>();
          const told: number[] = [];
          const key = (): string => nameOf(format, `f${file}`);
          const append = (more: Buffer): void => {
            const old = directory.get(key())?.bytes ?? Buffer.alloc(0);
            directory.set(key(), { bytes: Buffer.concat([old, more]), modified: (clock += 1) });
          };
          const read = async (): Promise<void> => {
            const found = await look(directory, format, position, { mostBytes });
            told.push(...idsOf(found));
            const size = directory.get(found.position.file)?.bytes.length ?? found.position.offset;
            expect(found.position.offset).toBeLessThanOrEqual(size);
            position = found.position;
          };
          let isFresh = true;
          for (const one of operations) {
            if (one.do === 'write') {
              append(written(format, (id += 1), one.text));
              // In a line that goes on after garbage nobody can tell where it begins.
              if (isFresh) whole.add(id);
              isFresh = true;
            } else if (one.do === 'garbage' || one.do === 'half') {
              const half = one.do === 'half' ? written(format, (id += 1), one.text) : one.bytes;
              append(one.do === 'half' ? half.subarray(0, Math.floor(one.share * (half.length - 1))) : half);
              const all = directory.get(key())?.bytes;
              isFresh = all === undefined || all.length === 0 || all.at(-1) === 0x0a;
            } else if (one.do === 'look') await read();
            else {
              // What was not read of a file that is cut off or taken away is gone.
              await read();
              if (one.do === 'rotate') file += 1;
              if (one.do === 'remove') directory.delete(key());
              else directory.set(key(), { bytes: Buffer.alloc(0), modified: (clock += 1) });
              if (one.do === 'remove') file += 1;
              isFresh = true;
            }
          }
          for (let i = 0; i < 20; i += 1) await read();
          const own = told.filter((one) => one <= id);
          expect(new Set(own).size).toBe(own.length);
          if (format === 'jsonlog') expect([...whole].filter((one) => !own.includes(one))).toEqual([]);
        },
      ),
      runs(150),
    );
  });
});
