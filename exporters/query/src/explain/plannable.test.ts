import fc from 'fast-check';
import { parseSync, scanSync } from 'libpg-query';
import { loadParser } from '../statements/query-type';
import { isPlannable, plannableOf, type PlannableOptions } from './plannable';

beforeAll(loadParser);

const sqlOf = (text: string, options: PlannableOptions = {}): string => {
  const outcome = plannableOf(text, options);
  return isPlannable(outcome) ? outcome.sql : `${outcome.reason}: ${outcome.detail}`;
};
const reasonOf = (text: string): string => {
  const outcome = plannableOf(text);
  return isPlannable(outcome) ? 'none' : outcome.reason;
};

describe('a normalised text made plannable', () => {
  it.each([
    ['SELECT * FROM t WHERE at > now() - interval $1', 'SELECT * FROM t WHERE at > (now() - CAST($1 AS interval))'],
    ['SELECT * FROM t WHERE at > now() - $1', 'SELECT * FROM t WHERE at > (now() - CAST($1 AS interval))'],
    ['SELECT extract($1 FROM at) FROM t', 'SELECT pg_catalog.extract($1, at) FROM t'],
    ['SELECT substring(a from $1 for $2) FROM t', 'SELECT pg_catalog.substring(a, $1, $2) FROM t'],
    ['SELECT a /* who */ FROM t -- why', 'SELECT a FROM t'],
    ['SELECT a FROM t FOR UPDATE SKIP LOCKED', 'SELECT a FROM t'],
    ['SELECT a INTO n FROM t', 'SELECT a FROM t'],
    ['SELECT a FROM t LEFT JOIN u ON $1', 'SELECT a FROM t LEFT JOIN u ON true'],
    ['SELECT a FROM unnest($1) AS a', 'SELECT a FROM unnest(CAST($1 AS text[])) AS a'],
    ['DECLARE c CURSOR FOR SELECT a FROM t WHERE b = $1', 'SELECT a FROM t WHERE b = $1'],
    ['INSERT INTO t SELECT * FROM u WHERE a = $1', 'SELECT * FROM u WHERE a = $1'],
    ['UPDATE t SET a = $1 WHERE b = $2 RETURNING a', 'SELECT t.ctid FROM t WHERE b = $1'],
    ['UPDATE s.t x SET a = u.a FROM u WHERE x.b = u.b', 'SELECT x.ctid FROM s.t AS x, u WHERE x.b = u.b'],
    [
      'UPDATE t SET a = (SELECT max(a) FROM u) WHERE b = $1',
      'SELECT t.ctid, (SELECT max(a) FROM u) FROM t WHERE b = $1',
    ],
    ['UPDATE t SET (a, b) = (SELECT x, y FROM u)', 'SELECT t.ctid, EXISTS (SELECT x, y FROM u) FROM t'],
    [
      'WITH x AS (SELECT 1) DELETE FROM t USING x WHERE t.a = $1',
      'WITH x AS (SELECT CAST($2 AS int)) SELECT t.ctid FROM t, x WHERE t.a = $1',
    ],
    [
      'MERGE INTO t USING s ON t.id = s.id WHEN MATCHED THEN UPDATE SET a = $1',
      'SELECT t.ctid FROM s LEFT JOIN t ON t.id = s.id',
    ],
  ])('%s', (text, sql) => {
    expect(sqlOf(text)).toBe(sql);
  });

  it('has the rows of a call as its limit, no offset, and lists of a likely length', () => {
    const text = 'SELECT a FROM t WHERE b IN ($1 /*, ... */) AND c = $2 LIMIT $3 OFFSET $4';
    expect(plannableOf(text, { rowsPerCall: 4.4 })).toEqual({
      sql: 'SELECT a FROM t WHERE b IN ($1, $3, $4, $5) AND c = $2 LIMIT 4 OFFSET 0',
      ...{ parameters: 5, origins: [1, 2, 5, 6, 7], readSideOf: 'select' },
      names: { relations: ['t'], functions: [] },
    });
    expect(sqlOf('SELECT a FROM t LIMIT $1 + $2 OFFSET $3 * $4', { rowsPerCall: 2 })).toMatch(/LIMIT 2 OFFSET 0$/);
    expect(sqlOf(text, { rowsPerCall: 0.2 })).toMatch(/IN \(\$1, \$3, \$4\).*LIMIT 1 /);
  });

  it('keeps no literal that normalising left, and says its type', () => {
    expect(sqlOf("SELECT a, 1 FROM t WHERE b = 'secret' AND c > 1.5 AND d = 99999999999 ORDER BY 1, 2 LIMIT 7")).toBe(
      'SELECT a, CAST($1 AS int) FROM t WHERE b = $2 AND c > CAST($3 AS numeric) AND d = CAST($4 AS bigint) ORDER BY 1, 2 LIMIT 7',
    );
    expect(sqlOf("SELECT 'kept'::varchar(7), f(x) FROM t", { keepLiterals: true })).toMatch(/'kept'/);
  });

  it('says the type of a parameter from the column it is compared with', () => {
    const columnTypes = (table: string): ReadonlyMap<string, string> | undefined =>
      table === 't'
        ? new Map([
            ['id', 'bigint'],
            ['at', 'timestamp with time zone'],
          ])
        : undefined;
    const typed = (condition: string): string =>
      sqlOf(`SELECT 1 FROM t JOIN u ON true WHERE ${condition}`, { columnTypes });
    expect(typed('t.id = $1 + $2')).toMatch(/t\.id = \(CAST\(\$1 AS bigint\) \+ CAST\(\$2 AS bigint\)\)/);
    expect(typed('at > $1 - $2')).toMatch(/CAST\(\$1 AS timestamp with time zone\) - CAST\(\$2 AS interval\)/);
    expect(typed('id IN (SELECT unnest($1))')).toMatch(/unnest\(CAST\(\$1 AS bigint\[\]\)\)/);
    expect(sqlOf('SELECT 1 FROM unnest($1, $2) AS v(k, w) JOIN t ON t.id = v.k', { columnTypes })).toMatch(
      /unnest\(CAST\(\$1 AS bigint\[\]\), CAST\(\$2 AS text\[\]\)\)/,
    );
  });

  it.each([
    ['<insufficient privilege>', 'hidden'],
    [' ', 'empty'],
    ['-- nothing', 'empty'],
    ['SELECT 1; DROP TABLE t', 'several_statements'],
    ['SELECT a FROM t WHERE', 'truncated'],
    ["SELECT 'abc", 'truncated'],
    ['SELECT a b c', 'parse_error'],
    ['SELECT 1\0', 'parse_error'],
    ['FETCH FORWARD $1 c', 'parse_error'],
    ['DO $$BEGIN PERFORM f(); END$$', 'utility'],
    ['EXPLAIN ANALYZE SELECT 1', 'utility'],
    ['CREATE TABLE x AS SELECT 1', 'utility'],
    ['COPY (SELECT 1) TO STDOUT', 'utility'],
    ['INSERT INTO t VALUES ($1)', 'nothing_to_plan'],
    ['WITH gone AS (DELETE FROM t RETURNING *) SELECT * FROM gone', 'writes_inside'],
    ['UPDATE t SET a = $1 WHERE CURRENT OF c', 'cursor'],
    ['SELECT * FROM t WHERE owner = my_tenant()', 'constant_function'],
    ['SELECT s.f(s.g()) FROM t', 'constant_function'],
    ["SELECT CAST(a AS numeric('; DROP TABLE t; --')) FROM t", 'deparse'],
    ["SELECT a FROM t ORDER BY 'secret'", 'deparse'],
  ])('%s is refused: %s', (text, reason) => {
    expect(reasonOf(text)).toBe(reason);
  });

  it('refuses what is too long or too deep', () => {
    expect(reasonOf(`SELECT ${'('.repeat(20_000)}1${')'.repeat(20_000)}`)).toBe('too_complex');
    expect(reasonOf(`SELECT ${'1 + '.repeat(20_000)}1`)).toBe('too_complex');
    expect(reasonOf(`SELECT '${'x'.repeat(1_000_000)}'`)).toBe('too_long');
  });

  it('refuses no function whose arguments are known to nobody yet', () => {
    for (const call of [
      'f($1)',
      'f(a)',
      "f('x')",
      'now()',
      'pg_catalog.pg_sleep(1)',
      'count(*)',
      'f((SELECT a FROM t))',
    ]) {
      expect(reasonOf(`SELECT ${call} FROM t`)).toBe('none');
    }
    expect(plannableOf("SELECT f('x')", { keepLiterals: true })).toMatchObject({ reason: 'constant_function' });
  });

  it('says nothing of the text when it does not parse', () => {
    expect(JSON.stringify(plannableOf("SELECT * FROM t WHERE 'secret' 'oops'"))).not.toMatch(/secret|oops/);
  });
});

describe('whatever the text', () => {
  const pieces = fc.constantFrom(
    ...[
      'SELECT',
      ' * ',
      'a',
      '"A""b"',
      ' FROM t',
      ' WHERE ',
      ' = ',
      '$1',
      '$9',
      '(',
      ')',
      ',',
      ';',
      '--',
      '\n',
      '/*',
      '*/',
    ],
    ...[
      "'",
      '$$',
      '$x$',
      "E'\\''",
      "U&'\\0041'",
      'é',
      '🙂',
      ' IN ($2 /*, ... */)',
      ' LIMIT $3',
      'DELETE',
      'UPDATE t SET a = 1',
    ],
    ...[
      ' interval $4',
      'f()',
      ' UNION ',
      ' WITH x AS (SELECT 1) ',
      'DROP TABLE t',
      '\\',
      '\u2028',
      ' AND ',
      ' now() - $1',
      '1',
    ],
  );
  const text = fc.oneof(
    fc.array(pieces, { maxLength: 12 }).map((parts) => parts.join('')),
    fc
      .tuple(fc.array(pieces, { maxLength: 5 }), fc.string({ unit: 'binary' }))
      .map(([a, b]) => `SELECT a ${a.join('')} -- ${b}\n FROM t`),
    fc
      .tuple(fc.string(), fc.string())
      .map(([a, b]) => `SELECT '${a.replaceAll("'", "''")}', "${b.replaceAll('"', '""')}x" FROM t`),
  );

  it('what comes out is one SELECT without comments or literals, with parameters 1 to n; or a reason', () => {
    fc.assert(
      fc.property(text, (input) => {
        const outcome = plannableOf(input);
        if (!isPlannable(outcome)) return outcome.reason.length > 0;
        const { stmts = [] } = parseSync(outcome.sql);
        expect(stmts.length).toBe(1);
        expect(Object.keys(stmts[0]?.stmt ?? {})).toEqual(['SelectStmt']);
        const names = scanSync(outcome.sql).tokens.map(({ tokenName }) => tokenName);
        expect(names.filter((name) => /COMMENT|SCONST|USCONST/.test(name))).toEqual([]);
        const numbers = [...outcome.sql.matchAll(/\$(\d+)/g)].map(([, number]) => Number(number));
        if (!outcome.sql.includes('"')) {
          expect([...new Set(numbers)].sort((a, b) => a - b)).toEqual(
            Array.from({ length: outcome.parameters }, (_, i) => i + 1),
          );
        }
        return true;
      }),
      { numRuns: 3000 },
    );
  });

  it('a text cut anywhere is refused or still one statement', () => {
    const whole =
      "WITH x AS (SELECT $1::int AS a) UPDATE t SET b = $2 /* c */ FROM x WHERE t.a = x.a AND t.c IN ($3 /*, ... */) RETURNING 'z'";
    for (let end = 0; end <= whole.length; end += 1) {
      const outcome = plannableOf(whole.slice(0, end));
      expect(isPlannable(outcome) ? parseSync(outcome.sql).stmts?.length : 1).toBe(1);
    }
  });

  it('what came out comes out again unchanged', () => {
    const once = sqlOf(
      "SELECT a, interval '1 day' FROM t x JOIN u USING (id) WHERE b = ANY ($3) ORDER BY 1 DESC NULLS LAST LIMIT 3",
    );
    expect(sqlOf(once)).toBe(once);
  });
});
