import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { BenchStatement, BenchWorkload } from './workload';

const tables = ['region', 'nation', 'part', 'supplier', 'partsupp', 'customer', 'orders', 'lineitem'];
const primaryKeys: Readonly<Record<string, string>> = {
  region: 'r_regionkey',
  nation: 'n_nationkey',
  part: 'p_partkey',
  supplier: 's_suppkey',
  partsupp: 'ps_partkey, ps_suppkey',
  customer: 'c_custkey',
  orders: 'o_orderkey',
  lineitem: 'l_orderkey, l_linenumber',
};

/**
 * TPC-H, of what its own kit has made; the kit's licence lets nobody hand it on, so whoever runs this fetches it. The
 * folder has the kit's `dss.ddl`, what `dbgen` writes as `data/*.tbl`, and what `qgen -d N` prints as `queries/N.sql`.
 * The fifteenth query is left out: it makes a view.
 */
export const tpch = (folder: string): BenchWorkload => ({
  name: 'TPC-H',
  title: 'TPC-H: 21 of the 22 queries of its own kit, with their primary keys',
  schema: [
    readFileSync(join(folder, 'dss.ddl'), 'utf8').replaceAll(/^--.*$/gm, ''),
    ...tables.map((table) => `COPY ${table} FROM '${resolve(folder, 'data', table)}.tbl' WITH (DELIMITER '|')`),
    ...tables.map((table) => `ALTER TABLE ${table} ADD PRIMARY KEY (${primaryKeys[table] ?? ''})`),
    'VACUUM ANALYZE',
  ],
  statements: Array.from({ length: 22 }, (_, i) => i + 1)
    .filter((number) => number !== 15)
    .map((number) => queryOf(number, join(folder, 'queries', `${number}.sql`))),
});

/** Once an hour each. */
const PER_SECOND = 1 / 3600;

const queryOf = (number: number, file: string): BenchStatement => {
  if (!existsSync(file)) throw new Error(`${file} is missing: write there what qgen -d ${number} prints`);
  return {
    id: `query ${number}`,
    text: readFileSync(file, 'utf8')
      .replaceAll(/^--.*$/gm, '')
      .replace(/;\s*limit -1;?/i, '')
      .replace(/;\s*(limit \d+);?/i, ' $1')
      .replaceAll(/day \(3\)/gi, 'day')
      .replace(/;\s*$/, '')
      .trim(),
    ...{ perSecond: PER_SECOND, rows: 100, values: () => [] },
  };
};
