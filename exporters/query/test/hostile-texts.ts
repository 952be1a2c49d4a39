import fc from 'fast-check';

/** What a statement does that must never be done by us; `touch()` would tell. */
export const attacks: readonly string[] = [
  'DROP TABLE victims',
  'DELETE FROM victims',
  'UPDATE victims SET a = 0',
  "INSERT INTO victims VALUES (9, 'x')",
  'TRUNCATE victims',
  'SELECT touch()',
  "SELECT nextval('counted')",
  "SELECT setval('counted', 99)",
  'DO $$ BEGIN PERFORM touch(); END $$',
  'CALL touch_all()',
  'EXPLAIN ANALYZE SELECT touch()',
  'EXPLAIN (ANALYZE, BUFFERS) DELETE FROM victims',
  "COPY victims TO PROGRAM 'true'",
  "COPY victims FROM PROGRAM 'true'",
  'CREATE TABLE made AS SELECT touch()',
  'SELECT touch() INTO made',
  'WITH gone AS (DELETE FROM victims RETURNING *) SELECT * FROM gone',
  'SELECT * FROM victims FOR UPDATE',
  'LOCK TABLE victims',
  'PREPARE p AS SELECT touch(); EXECUTE p',
  'DECLARE c CURSOR FOR SELECT touch(); FETCH c',
  'SET default_transaction_read_only = off',
  'SET SESSION AUTHORIZATION postgres',
  'ALTER SYSTEM SET work_mem = 1',
  'COMMIT; SELECT touch()',
  'ROLLBACK; SELECT touch(); BEGIN',
  'SELECT pg_terminate_backend(pg_backend_pid())',
  "SELECT pg_notify('x', 'y')",
  'VACUUM victims',
  'LISTEN x',
  'MERGE INTO victims USING victims v ON false WHEN NOT MATCHED THEN INSERT VALUES (1)',
];

/** Places in a statement where a literal, a call or a subquery may stand. */
const frames: readonly ((inner: string) => string)[] = [
  (x) => `SELECT ${x}`,
  (x) => `SELECT a FROM victims WHERE a = ${x}`,
  (x) => `SELECT a FROM victims ORDER BY ${x}`,
  (x) => `SELECT count(*) FROM victims GROUP BY ${x}`,
  (x) => `SELECT DISTINCT ON (${x}) a FROM victims`,
  (x) => `SELECT a FROM victims LIMIT ${x} OFFSET ${x}`,
  (x) => `SELECT a FROM victims v JOIN victims w ON ${x}`,
  (x) => `SELECT a::varchar(${x}) FROM victims`,
  (x) => `SELECT CAST(a AS numeric(${x}, 2)) FROM victims`,
  (x) => `SELECT a FROM victims TABLESAMPLE bernoulli(${x}) REPEATABLE (${x})`,
  (x) => `SELECT sum(a) OVER (ORDER BY ${x} ROWS ${x} PRECEDING) FROM victims`,
  (x) => `SELECT array_agg(a ORDER BY ${x}) FILTER (WHERE ${x} IS NULL) FROM victims`,
  (x) => `SELECT percentile_cont(${x}) WITHIN GROUP (ORDER BY a) FROM victims`,
  (x) => `SELECT a FROM generate_series(1, ${x}) AS a`,
  (x) => `SELECT * FROM ROWS FROM (unnest(${x}), touch())`,
  (x) => `SELECT xmlserialize(CONTENT ${x} AS text) FROM victims`,
  (x) => `SELECT * FROM JSON_TABLE('[]', ${x} COLUMNS (a int PATH ${x}))`,
  (x) => `SELECT * FROM XMLTABLE(${x} PASSING ${x} COLUMNS a int PATH ${x} DEFAULT ${x})`,
  (x) => `SELECT interval ${x} AT TIME ZONE ${x} FROM victims`,
  (x) => `SELECT a COLLATE "C" LIKE ${x} ESCAPE ${x} FROM victims`,
  (x) => `WITH RECURSIVE r AS (SELECT 1 UNION ALL SELECT ${x}) SEARCH DEPTH FIRST BY a SET o SELECT * FROM r`,
  (x) => `INSERT INTO victims SELECT a, ${x} FROM victims ON CONFLICT (a) DO UPDATE SET a = ${x}`,
  (x) => `UPDATE victims SET a = (SELECT ${x}), b = ${x} WHERE b = ${x} RETURNING ${x}`,
  (x) => `DELETE FROM victims USING victims w WHERE ${x} = w.a`,
  (x) => `MERGE INTO victims v USING (SELECT ${x}) w ON v.a = ${x} WHEN MATCHED THEN DELETE`,
  (x) => `SELECT * FROM victims AS "${x.replaceAll('"', '""')}"`,
  (x) => `SELECT ${x} FROM victims UNION ALL VALUES (${x}) ORDER BY 1`,
  (x) => `SELECT CASE WHEN ${x} THEN ${x} ELSE ROW(${x}) END, ARRAY[${x}], (victims).a[${x}] FROM victims`,
];

/** How a text is made to look like something else. */
const disguises: readonly ((text: string) => string)[] = [
  (text) => text,
  (text) => `1; ${text}`,
  (text) => `'; ${text}; --'`,
  (text) => `'\\'; ${text}; --'`,
  (text) => `E'\\'; ${text}; --'`,
  (text) => `U&'\\0027; ${text}; --'`,
  (text) => `$$; ${text}; $$`,
  (text) => `$a$ ' $$; ${text}; $a$`,
  (text) => `"; ${text}; --"`,
  (text) => `1 /* */ ; ${text}; /* /* */ */`,
  (text) => `1 -- \n; ${text}`,
  (text) => `(${text})`,
  (text) => `$1 /*, ... */ ; ${text}`,
  (text) => `1\r\n;${text}`,
  (text) => `B'01' X'0f' N'; ${text}'`,
  (text) => `'a' -- '\n '; ${text}; --'`,
  (text) => `touch()::text || '${text.replaceAll("'", "''")}'`,
];

const attack = fc.constantFrom(...attacks);
const disguised = fc.tuple(attack, fc.constantFrom(...disguises)).map(([text, disguise]) => disguise(text));
const framed = fc.tuple(fc.oneof(disguised, fc.string({ unit: 'binary', maxLength: 8 })), fc.constantFrom(...frames));
const whole = framed.map(([inner, frame]) => frame(inner));

/** Statement texts that try to get out of what is made of them; some are cut off, or are none. */
export const hostileTexts: fc.Arbitrary<string> = fc.oneof(
  attack,
  disguised,
  { arbitrary: whole, weight: 4 },
  fc.tuple(whole, fc.nat({ max: 80 })).map(([text, cut]) => text.slice(0, -cut)),
  fc.tuple(whole, disguised).map(([a, b]) => `${a}; ${b}`),
  fc
    .tuple(whole, fc.string({ unit: 'binary', maxLength: 3 }), fc.nat({ max: 60 }))
    .map(([a, b, at]) => a.slice(0, at) + b + a.slice(at)),
);
