import { loadParser, queryTypeOf } from './query-type';

beforeAll(loadParser);

describe('the type of a query', () => {
  it.each([
    ['SELECT * FROM t WHERE id = $1', 'select'],
    ['/* select */ INSERT INTO t VALUES ($1)', 'insert'],
    ['UPDATE t SET a = $1 WHERE b = $2', 'update'],
    ['delete from t', 'delete'],
    ['MERGE INTO t USING s ON t.id = s.id WHEN MATCHED THEN DELETE', 'merge'],
    ['COPY t FROM STDIN', 'copy'],
    ['COMMIT', 'transaction'],
    ['VACUUM t', 'utility'],
    ['WITH x AS (SELECT 1) SELECT * FROM x', 'select'],
    ['WITH x AS (INSERT INTO t VALUES ($1) RETURNING id) SELECT * FROM x', 'insert'],
    ['(SELECT 1) UNION (SELECT 2)', 'select'],
    ['SELECT * INTO c FROM t', 'utility'],
    ['', 'other'],
  ])('%s is %s', (text, type) => {
    expect(queryTypeOf(text)).toBe(type);
  });

  it.each([
    ['SELECT a, b, c FROM very_long_quer', 'select'],
    ['-- note\n  insert into t (a, b', 'insert'],
    ['WITH gone AS (DELETE FROM t WHERE', 'delete'],
    ["WITH x AS (SELECT update FROM t) SELECT 'delete", 'select'],
    ['VALUES (1', 'select'],
    ['<insufficient privilege>', 'other'],
  ])('is told from the first word where the text does not parse: %s', (text, type) => {
    expect(queryTypeOf(`${text} (`)).toBe(type);
  });
});
