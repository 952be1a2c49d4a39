import fc from 'fast-check';
import { lookAt } from './look';
import { loadParser } from './query-type';
import { type Look, noTexts, withLooks } from './texts';

beforeAll(loadParser);

describe('what is kept of a text', () => {
  it.each([
    ['SELECT *\n  FROM t -- the "customers"\n WHERE id = $1', 'SELECT * FROM t WHERE id = $1'],
    ["select 1 /* trace='x' /* nested */ */ + a from t", 'select $1 + a from t'],
    ["select * from t where a = $1 and b = 'secret' limit 5", 'select * from t where a = $1 and b = $2 limit $3'],
    [
      "select $tag$secret$tag$, E'se\\'cret', U&'s', B'1', X'ff', 1.5, true from t",
      'select $1, $2, $3, $4, $5, $6, $7 from t',
    ],
    ['select * from t where id in ($1 /*, ... */)', 'select * from t where id in ($1 /*, ... */)'],
    ['select "col--x", "a/*b*/", \'ü\' from "Größe"', 'select "col--x", "a/*b*/", $1 from "Größe"'],
    ["update t set x = 'secret' where y = interval '1 day'", 'update t set x = $1 where y = interval $2'],
    ['SELECT interval $1', 'SELECT interval $1'],
  ])('of %s', (text, kept) => {
    expect(lookAt(text, false)).toMatchObject({ text: kept, reason: null });
  });

  it.each([
    ["ALTER ROLE app PASSWORD 'secret'", 'utility', 'alter role'],
    ["CREATE TABLE c AS SELECT 'secret'", 'utility', 'create table as'],
    ["SELECT 'secret' INTO c", 'utility', 'select'],
    ["COPY (SELECT 'secret') TO STDOUT", 'copy', 'copy'],
    ['COMMIT', 'transaction', 'transaction'],
  ])('nothing of %s but what it does', (text, type, kind) => {
    expect(lookAt(text, false)).toMatchObject({ type, kind, text: null, reason: 'utility' });
  });

  it.each([
    ["SELECT 'secret' FROM t WHERE a = (", false, 'unparsable', 'select'],
    ["DELETE FROM t WHERE a = 'secret'", true, 'too_long', 'delete'],
    ["SELECT 1; SELECT 'secret'", false, 'several_statements', 'select'],
    ['/* nothing */', false, 'no_text', 'other'],
    ['<insufficient privilege>', false, 'unparsable', 'other'],
    [`SELECT ${'('.repeat(20_000)}1${')'.repeat(20_000)}`, false, 'unparsable', 'select'],
  ])('nothing of %.40s, with a reason', (text, isCut, reason, type) => {
    expect(lookAt(text, isCut)).toMatchObject({ text: null, reason, type });
  });

  it('holds no literal, whatever stands in it', () => {
    const secret = fc.string({ minLength: 8, maxLength: 30, unit: 'binary' }).filter((s) => !s.includes('\0'));
    fc.assert(
      fc.property(secret, secret, (one, two) => {
        const literal = `'${one.replaceAll("'", "''")}'`;
        const comment = two.replaceAll('*/', '').replaceAll('/*', '');
        const { text } = lookAt(`SELECT a, ${literal} /* ${comment} */ FROM t WHERE b = ${literal}`, false);
        expect(text === null || text === 'SELECT a, $1 FROM t WHERE b = $2').toBe(true);
      }),
    );
  });

  it.each([
    ['SELECT * FROM pg_catalog.pg_class', true],
    ['SELECT * FROM pg_stat_activity a JOIN information_schema.tables t ON true', true],
    ['WITH x AS (SELECT * FROM pg_locks) SELECT * FROM x', true],
    ['SELECT * FROM pg_class c JOIN orders o ON o.id = c.oid', false],
    ['SELECT 1', false],
    ['UPDATE pg_settings SET setting = $1', false],
  ])('and whether it is about the system: %s', (text, system) => {
    expect(lookAt(text, false).system).toBe(system);
  });
});

describe('the texts that are kept', () => {
  const look = (text: string): Look => ({ type: 'select', kind: null, text, reason: null, system: false });
  const looks = (from: number, to: number) =>
    new Map(Array.from({ length: to - from }, (_, i) => [String(from + i), look('x'.repeat(10))]));

  it('stay within their bytes: what is no longer held goes first, then what came last', () => {
    const first = withLooks(noTexts, looks(0, 6), new Set(['0', '1', '2']), 100);
    expect(first.bytes).toBe(60);
    const second = withLooks(first, looks(6, 12), new Set(['0', '1', '2', '10', '11']), 45);
    const kept = [...second.looks].flatMap(([queryid, { text }]) => (text === null ? [] : [queryid]));
    expect(kept).toEqual(['0', '1', '2', '10']);
    expect(second.bytes).toBe(40);
    expect(second.looks.get('5')).toMatchObject({ type: 'select', text: null, reason: 'no_room' });
  });

  it('are remembered of ten thousand statements that are gone', () => {
    expect(withLooks(noTexts, looks(0, 12_000), new Set(['1'])).looks.size).toBe(10_001);
  });
});
