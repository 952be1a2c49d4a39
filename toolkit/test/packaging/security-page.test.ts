import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkout, readRepo } from '../compose/tools';

const page = readRepo('docs/security.md');

/** The rows of the table of invariants: the file of the test, and its title as the file has it. */
const claimsOf = (text: string): { readonly invariant: string; readonly file: string; readonly title: string }[] => {
  const [, table = ''] = /<!-- invariants[^>]*-->([^]*)<!-- \/invariants -->/.exec(text) ?? [];
  return table
    .split('\n')
    .filter((line) => line.startsWith('| ') && !/^\| (-+|what always holds) /.test(line))
    .map((line) => {
      const [, invariant = '', file = '', title = ''] = /^\| (.*?) +\| .*\]\((\S+)\): "(.+)" +\|$/.exec(line) ?? [];
      return { invariant, file: join('docs', file), title };
    });
};

/** A test of that title: what `it`, or `it.each(…)`, is told first. */
const hasTest = (text: string, title: string): boolean =>
  ["it('", "])('", ")('", "needs)('", "it(\n    '"].some((before) => text.includes(`${before}${title}'`));

const claims = claimsOf(page);

describe('docs/security.md', () => {
  it.each(claims)('$invariant: there is such a test', ({ file, title }) => {
    expect([file, existsSync(join(checkout, file))]).toEqual([file, true]);
    expect([title, hasTest(readFileSync(join(checkout, file), 'utf8'), title)]).toEqual([title, true]);
  });

  it('has a table of invariants with no row that says nothing', () => {
    expect(claims.length).toBeGreaterThan(25);
    expect(claims.filter(({ invariant, file, title }) => [invariant, file, title].includes(''))).toEqual([]);
  });

  it('would be seen to name a test that there is not', () => {
    const [first] = claimsOf('<!-- invariants -->\n| x | [a](../a.test.ts): "is so" |\n<!-- /invariants -->');
    expect(first).toEqual({ invariant: 'x', file: 'a.test.ts', title: 'is so' });
    expect(hasTest("it('is so', () => {", 'is so')).toBe(true);
    expect(hasTest("it('is so no more', () => {", 'is so')).toBe(false);
    expect(hasTest("// is so'", 'is so')).toBe(false);
  });

  it('links to files that there are', () => {
    const links = [...page.matchAll(/\]\((\.\.\/[^)#]+)\)/g)].map(([, path = '']) => join('docs', path));
    expect(links.length).toBeGreaterThan(30);
    expect(links.filter((path) => !existsSync(join(checkout, path)))).toEqual([]);
  });
});
