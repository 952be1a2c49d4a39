import { short } from '@submilli/toolkit';
import { drawn, skewed, upTo } from './draw';
import type { BenchStatement, BenchWorkload } from './workload';

const one = (id: string, text: string, values: BenchStatement['values']): BenchStatement => ({
  ...{ id, text, values, perSecond: 1 / 3600, rows: 1 },
});

/** Names at the front are frequent ones. */
const word = (random: () => number, most = 400): string => `word ${upTo(random, most)}`;
const landOf = (random: () => number): string => `land ${upTo(random, 12)}`;

/**
 * Joins of five to nine of seventeen tables, in the manner of the Join Order Benchmark (films, who made them, and what is known
 * of them, all skewed), with data and texts of our own. `size`: 1 is 200,000 credits.
 */
export const films = (size: number): BenchWorkload => {
  const [n, people, credits] = [20_000, 30_000, 200_000].map((rows) => Math.round(rows * size)) as [
    number,
    number,
    number,
  ];
  const keywords = 3000;
  const companies = 2500;
  const small = (table: string, rows: number, what: string): readonly string[] => [
    `CREATE TABLE ${table} (id int PRIMARY KEY, name text NOT NULL)`,
    `INSERT INTO ${table} SELECT n, '${what} ' || n FROM generate_series(1, ${rows}) n`,
  ];
  return {
    name: 'joins',
    title: `joins: 14 joins of five to nine of 17 tables, ${short(n)} films and ${short(credits)} credits`,
    schema: [
      ...[small('kind', 7, 'kind'), small('company_kind', 4, 'trade'), small('fact_kind', 40, 'fact')].flat(),
      ...[small('link_kind', 18, 'link'), small('role', 12, 'role'), small('figure', people, 'figure')].flat(),
      ...small('keyword', keywords, 'word'),
      'CREATE TABLE film (id int PRIMARY KEY, title text NOT NULL, kind_id int NOT NULL, year int)',
      'CREATE TABLE company (id int PRIMARY KEY, name text NOT NULL, land text NOT NULL)',
      `CREATE TABLE film_company (id int PRIMARY KEY, film_id int NOT NULL, company_id int NOT NULL,
         company_kind_id int NOT NULL, note text)`,
      'CREATE TABLE film_fact (id int PRIMARY KEY, film_id int NOT NULL, fact_kind_id int NOT NULL, value text NOT NULL)',
      'CREATE TABLE rating (id int PRIMARY KEY, film_id int NOT NULL, fact_kind_id int NOT NULL, value numeric NOT NULL)',
      'CREATE TABLE film_keyword (id int PRIMARY KEY, film_id int NOT NULL, keyword_id int NOT NULL)',
      'CREATE TABLE film_link (id int PRIMARY KEY, film_id int NOT NULL, linked_id int NOT NULL, link_kind_id int NOT NULL)',
      'CREATE TABLE person (id int PRIMARY KEY, name text NOT NULL, gender text, born int)',
      'CREATE TABLE person_alias (id int PRIMARY KEY, person_id int NOT NULL, name text NOT NULL)',
      `CREATE TABLE credit (id int PRIMARY KEY, film_id int NOT NULL, person_id int NOT NULL, figure_id int,
         role_id int NOT NULL, note text)`,
      `INSERT INTO film SELECT n, 'title ' || n, 1 + ${skewed('n', 1, 7)}, 2025 - ${skewed('n', 2, 100)} FROM generate_series(1, ${n}) n`,
      `INSERT INTO company SELECT n, 'company ' || n, 'land ' || 1 + ${skewed('n', 3, 60)} FROM generate_series(1, ${companies}) n`,
      `INSERT INTO film_company SELECT n, 1 + ${skewed('n', 4, n)}, 1 + ${skewed('n', 5, companies)}, 1 + ${drawn('n', 6, 4)},
         CASE WHEN ${drawn('n', 7, 3)} = 0 THEN 'as ' || ${drawn('n', 8, 30)} END FROM generate_series(1, ${2 * n}) n`,
      `INSERT INTO film_fact SELECT n, 1 + ${skewed('n', 9, n)}, 1 + ${skewed('n', 10, 40)}, 'value ' || ${skewed('n', 11, 500)}
         FROM generate_series(1, ${6 * n}) n`,
      `INSERT INTO rating SELECT n, 1 + ${drawn('n', 12, n)}, 1 + ${drawn('n', 13, 3)}, ${drawn('n', 14, 100)} / 10.0
         FROM generate_series(1, ${n}) n`,
      `INSERT INTO film_keyword SELECT n, 1 + ${skewed('n', 15, n)}, 1 + ${skewed('n', 16, keywords)} FROM generate_series(1, ${3 * n}) n`,
      `INSERT INTO film_link SELECT n, 1 + ${skewed('n', 17, n)}, 1 + ${skewed('n', 18, n)}, 1 + ${drawn('n', 19, 18)}
         FROM generate_series(1, ${Math.round(n / 5)}) n`,
      `INSERT INTO person SELECT n, chr(65 + ${drawn('n', 20, 26)}) || 'name ' || n, (ARRAY['f', 'm', NULL])[1 + ${drawn('n', 21, 3)}],
         1900 + ${drawn('n', 22, 105)} FROM generate_series(1, ${people}) n`,
      `INSERT INTO person_alias SELECT n, 1 + ${skewed('n', 23, people)}, 'alias ' || n FROM generate_series(1, ${Math.round(people / 3)}) n`,
      `INSERT INTO credit SELECT n, 1 + ${skewed('n', 24, n)}, 1 + ${skewed('n', 25, people)},
         CASE WHEN ${drawn('n', 26, 2)} = 0 THEN 1 + ${drawn('n', 27, people)} END, 1 + ${skewed('n', 28, 12)},
         CASE WHEN ${drawn('n', 29, 4)} = 0 THEN 'note ' || ${drawn('n', 30, 20)} END FROM generate_series(1, ${credits}) n`,
      'VACUUM ANALYZE',
    ],
    statements: [...ofCompanies, ...ofPeople(people)],
  };
};

const ofCompanies: readonly BenchStatement[] = [
  one(
    'productions of a trade',
    `SELECT min(mc.note), min(t.title), min(t.year) FROM company_kind ck JOIN film_company mc ON mc.company_kind_id = ck.id
       JOIN film t ON t.id = mc.film_id JOIN rating r ON r.film_id = t.id JOIN fact_kind fk ON fk.id = r.fact_kind_id
       WHERE ck.name = $1 AND fk.name = $2 AND mc.note IS NOT NULL AND t.year BETWEEN $3 AND $4`,
    (r) => [`trade ${upTo(r, 4)}`, `fact ${upTo(r, 3)}`, 2000, 2005],
  ),
  one(
    'companies of a land with a keyword',
    `SELECT min(t.title) FROM company c JOIN film_company mc ON mc.company_id = c.id JOIN film t ON t.id = mc.film_id
       JOIN film_keyword mk ON mk.film_id = t.id JOIN keyword k ON k.id = mk.keyword_id WHERE c.land = $1 AND k.name = $2`,
    (r) => [landOf(r), word(r)],
  ),
  one(
    'sequels of a land',
    `SELECT min(c.name), min(lk.name), min(t.title) FROM company c JOIN film_company mc ON mc.company_id = c.id
       JOIN company_kind ck ON ck.id = mc.company_kind_id JOIN film t ON t.id = mc.film_id JOIN film_link ml ON ml.film_id = t.id
       JOIN link_kind lk ON lk.id = ml.link_kind_id JOIN film_keyword mk ON mk.film_id = t.id JOIN keyword k ON k.id = mk.keyword_id
       WHERE c.land <> $1 AND k.name = $2 AND ck.name = $3 AND lk.name = $4 AND t.year BETWEEN $5 AND $6`,
    (r) => [landOf(r), word(r, 40), 'trade 1', `link ${upTo(r, 18)}`, 1950, 2025],
  ),
  one(
    'rated above, of a land and a kind',
    `SELECT min(c.name), min(r.value), min(t.title) FROM company c JOIN film_company mc ON mc.company_id = c.id
       JOIN film t ON t.id = mc.film_id JOIN kind kt ON kt.id = t.kind_id JOIN rating r ON r.film_id = t.id
       JOIN fact_kind fk ON fk.id = r.fact_kind_id WHERE c.land = $1 AND kt.name = $2 AND fk.name = $3 AND r.value > $4 AND t.year > $5`,
    (r) => [landOf(r), `kind ${upTo(r, 3)}`, `fact ${upTo(r, 3)}`, 8, 2010],
  ),
  one(
    'a value that is known',
    `SELECT min(t.title) FROM fact_kind fk JOIN film_fact mi ON mi.fact_kind_id = fk.id JOIN film t ON t.id = mi.film_id
       JOIN film_keyword mk ON mk.film_id = t.id JOIN keyword k ON k.id = mk.keyword_id
       WHERE fk.name = $1 AND mi.value = $2 AND k.name = $3 AND t.year > $4`,
    (r) => [`fact ${upTo(r, 6)}`, `value ${upTo(r, 60)}`, word(r), 1990],
  ),
  one(
    'releases of a land by fact',
    `SELECT min(c.name), min(mi.value), min(t.title) FROM company c JOIN film_company mc ON mc.company_id = c.id
       JOIN company_kind ck ON ck.id = mc.company_kind_id JOIN film t ON t.id = mc.film_id JOIN kind kt ON kt.id = t.kind_id
       JOIN film_fact mi ON mi.film_id = t.id JOIN fact_kind fk ON fk.id = mi.fact_kind_id JOIN rating r ON r.film_id = t.id
       WHERE c.land = $1 AND ck.name = $2 AND kt.name = $3 AND fk.name = $4 AND r.value < $5`,
    (r) => [landOf(r), 'trade 2', `kind ${upTo(r, 3)}`, `fact ${10 + upTo(r, 20)}`, 4],
  ),
  one(
    'followed by a better one',
    `SELECT min(a.title), min(b.title) FROM film a JOIN rating ra ON ra.film_id = a.id JOIN film_link ml ON ml.film_id = a.id
       JOIN link_kind lk ON lk.id = ml.link_kind_id JOIN film b ON b.id = ml.linked_id JOIN rating rb ON rb.film_id = b.id
       JOIN kind kb ON kb.id = b.kind_id WHERE lk.name = $1 AND kb.name = $2 AND rb.value > ra.value AND b.year BETWEEN $3 AND $4`,
    (r) => [`link ${upTo(r, 18)}`, `kind ${upTo(r, 2)}`, 2005, 2020],
  ),
];

const ofPeople = (people: number): readonly BenchStatement[] => [
  one(
    'who played with a keyword',
    `SELECT min(k.name), min(p.name), min(t.title) FROM keyword k JOIN film_keyword mk ON mk.keyword_id = k.id
       JOIN film t ON t.id = mk.film_id JOIN credit c ON c.film_id = t.id JOIN person p ON p.id = c.person_id
       WHERE k.name = $1 AND p.name LIKE $2 AND t.year > $3`,
    (r) => [word(r), `${String.fromCharCode(64 + upTo(r, 26))}%`, 2014],
  ),
  one(
    'figures of a land',
    `SELECT min(f.name), min(t.title) FROM figure f JOIN credit c ON c.figure_id = f.id JOIN role o ON o.id = c.role_id
       JOIN film t ON t.id = c.film_id JOIN film_company mc ON mc.film_id = t.id JOIN company m ON m.id = mc.company_id
       WHERE c.note = $1 AND o.name = $2 AND m.land = $3 AND t.year > $4`,
    (r) => [`note ${upTo(r, 19)}`, `role ${2 + upTo(r, 8)}`, landOf(r), 2005],
  ),
  one(
    'career of a person',
    `SELECT t.year, t.title, o.name, f.name FROM person p JOIN credit c ON c.person_id = p.id JOIN film t ON t.id = c.film_id
       JOIN role o ON o.id = c.role_id LEFT JOIN figure f ON f.id = c.figure_id WHERE p.id = $1 ORDER BY t.year DESC`,
    (r) => [upTo(r, people)],
  ),
  one(
    'alias of who wrote it',
    `SELECT min(a.name), min(t.title) FROM person_alias a JOIN person p ON p.id = a.person_id JOIN credit c ON c.person_id = p.id
       JOIN role o ON o.id = c.role_id JOIN film t ON t.id = c.film_id JOIN film_company mc ON mc.film_id = t.id
       JOIN company m ON m.id = mc.company_id WHERE o.name = $1 AND m.land = $2 AND c.note = $3`,
    (r) => [`role ${2 + upTo(r, 8)}`, landOf(r), `note ${upTo(r, 19)}`],
  ),
  one(
    'born in a decade, with a keyword and a rating',
    `SELECT min(p.name), min(t.title), max(r.value) FROM person p JOIN credit c ON c.person_id = p.id JOIN role o ON o.id = c.role_id
       JOIN film t ON t.id = c.film_id JOIN rating r ON r.film_id = t.id JOIN fact_kind fk ON fk.id = r.fact_kind_id
       JOIN film_keyword mk ON mk.film_id = t.id JOIN keyword k ON k.id = mk.keyword_id
       WHERE p.gender = $1 AND p.born BETWEEN $2 AND $3 AND o.name = $4 AND fk.name = $5 AND k.name = $6`,
    (r) => ['f', 1960, 1969, 'role 1', `fact ${upTo(r, 3)}`, word(r)],
  ),
  one(
    'all that is known of a film',
    `SELECT fk.name, mi.value, k.name, p.name FROM film t JOIN film_fact mi ON mi.film_id = t.id JOIN fact_kind fk ON fk.id = mi.fact_kind_id
       JOIN film_keyword mk ON mk.film_id = t.id JOIN keyword k ON k.id = mk.keyword_id JOIN credit c ON c.film_id = t.id
       JOIN person p ON p.id = c.person_id WHERE t.title = $1 LIMIT 200`,
    (r) => [`title ${1000 + upTo(r, 5000)}`],
  ),
  one(
    'figures, companies, facts and who played',
    `SELECT min(f.name), min(p.name), min(t.title) FROM film t JOIN film_company mc ON mc.film_id = t.id
       JOIN company m ON m.id = mc.company_id JOIN film_fact mi ON mi.film_id = t.id JOIN fact_kind fk ON fk.id = mi.fact_kind_id
       JOIN credit c ON c.film_id = t.id JOIN figure f ON f.id = c.figure_id JOIN person p ON p.id = c.person_id
       JOIN role o ON o.id = c.role_id WHERE m.land = $1 AND fk.name = $2 AND mi.value = $3 AND p.gender = $4 AND o.name = $5
       AND t.year BETWEEN $6 AND $7`,
    (r) => [landOf(r), `fact ${1 + upTo(r, 6)}`, `value ${upTo(r, 60)}`, 'f', 'role 1', 2008, 2014],
  ),
];
