import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { benchPage } from './page';
import { readRemarks, readResults } from './results';

export const checkout = join(__dirname, '..', '..', '..');
/** What is published, and held to each other by a test. */
export const places = {
  results: join(checkout, 'bench', 'results'),
  remarks: join(checkout, 'bench', 'remarks'),
  docs: join(checkout, 'docs'),
} as const;

type Places = { readonly results: string; readonly remarks: string; readonly docs: string };

/** Makes the page and its pictures of the results; pictures that nothing draws any more are removed. */
export const writePage = ({ results, remarks, docs }: Places): string => {
  const files = benchPage(readResults(results), readRemarks(remarks));
  mkdirSync(join(docs, 'images'), { recursive: true });
  for (const name of picturesIn(docs)) if (files[name] === undefined) rmSync(join(docs, name));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(docs, name), text);
  return join(docs, 'benchmarks.md');
};

export const picturesIn = (docs: string): readonly string[] =>
  readdirSync(join(docs, 'images'))
    .filter((name) => /^bench-.*\.svg$/.test(name))
    .map((name) => `images/${name}`);

if (require.main === module) writePage(places);
