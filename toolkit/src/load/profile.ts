import { existsSync, readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { SubmilliError } from '@submilli/core';
import { writeFile } from '../stack/files';
import { weightOf, workloadScripts } from '../stack/workload';
import { ACCOUNTS, SCHEMA } from './tables';

/** A file of pgbench. */
export type ScriptFile = { readonly name: string; readonly path: string; readonly weight: number };

/** What clients do. */
export type Profile = {
  readonly name: string;
  readonly does: string;
  /** Whether it works on tables of its own, which are made before and dropped after. */
  readonly ownTables: boolean;
  /** Tables of somebody else's that it works on. */
  readonly needs: readonly string[];
  /** Writes the scripts it needs into a directory, and names them all. */
  readonly scripts: (directory: string) => readonly ScriptFile[];
};

const read = `-- one row by its primary key
\\set id random(1, ${ACCOUNTS})
SELECT balance FROM ${SCHEMA}.account WHERE id = :id;
`;

/** Two rows of a hundred thousand and one that is appended: no hot row, so that it is the commit that is measured. */
const write = `-- a transfer: two rows changed, one appended, in one transaction
\\set a random(1, ${ACCOUNTS - 1})
\\set b random(:a + 1, ${ACCOUNTS})
\\set amount random(1, 500)
BEGIN;
UPDATE ${SCHEMA}.account SET balance = balance - :amount WHERE id = :a;
UPDATE ${SCHEMA}.account SET balance = balance + :amount WHERE id = :b;
INSERT INTO ${SCHEMA}.transfer (from_id, to_id, amount) VALUES (:a, :b, :amount);
COMMIT;
`;

const own =
  (name: string, text: string) =>
  (directory: string): ScriptFile[] => {
    const path = join(directory, `${name}.sql`);
    writeFile(path, text, undefined);
    return [{ name, path, weight: 1 }];
  };

const profiles: readonly Profile[] = [
  {
    name: 'trading',
    does: 'the transactions of the trading database, as the stack plays them, without those that are wrong on purpose',
    ownTables: false,
    needs: ['instruments', 'accounts', 'orders', 'trades', 'positions', 'ticks'],
    scripts: () =>
      workloadScripts()
        .map((script) => ({ ...script, name: basename(script.path, '.sql') }))
        .filter(({ name }) => !name.startsWith('bad-')),
  },
  {
    name: 'read',
    does: 'one row by its primary key, on a table of its own',
    ...{ ownTables: true, needs: [], scripts: own('read', read) },
  },
  {
    name: 'write',
    does: 'a transfer (two updates, an insert, a commit), on tables of its own',
    ...{ ownTables: true, needs: [], scripts: own('write', write) },
  },
];

export const profileNames = profiles.map(({ name }) => name);
export const profileHelp = profiles.map(({ name, does }) => `  ${name.padEnd(8)} ${does}`).join('\n');

/** One of ours by its name, or a script of pgbench by its path. Throws a `SubmilliError` if it is neither. */
export const profileOf = (wanted: string): Profile => {
  const known = profiles.find(({ name }) => name === wanted);
  if (known !== undefined) return known;
  const path = resolve(wanted);
  if (!existsSync(path)) {
    throw new SubmilliError({
      what: `no profile and no file is called ${wanted}`,
      hint: `There are ${profileNames.join(', ')}, or give the path of a pgbench script.`,
    });
  }
  if (path.includes('@')) {
    throw new SubmilliError({ what: 'has an @ in its path, which pgbench takes for a weight', where: wanted });
  }
  const name = basename(path, '.sql');
  const weight = weightOf(readFileSync(path, 'utf8'));
  return {
    name,
    does: 'a script of your own',
    ...{ ownTables: false, needs: [], scripts: () => [{ name, path, weight }] },
  };
};
