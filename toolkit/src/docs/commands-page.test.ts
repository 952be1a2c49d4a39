import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { blocksOf } from '../command-line/manual/blocks';
import { commandsPage, flagsOf, told } from '../command-line/manual/page';
import { manualPage } from '../command-line/manual/roff';
import { treeOf } from '../command-line/tree';
import { createProgram } from '../program';

const docs = join(__dirname, '..', '..', '..', 'docs');
const root = treeOf(createProgram());
const commands = told(root);
// Those that only have commands below them say nothing themselves.
const leaves = commands.filter(({ commands: below }) => below.every(({ path }) => path.at(-1) !== 'help'));

describe('the manual', () => {
  it('is what docs/commands.md and docs/submilli.1 say (else: npm run docs)', () => {
    expect(readFileSync(join(docs, 'commands.md'), 'utf8')).toBe(commandsPage(root));
    expect(readFileSync(join(docs, 'submilli.1'), 'utf8')).toBe(manualPage(root));
  });

  it('is the same whatever the environment of who writes it says', () => {
    const before = commandsPage(root);
    process.env.SUBMILLI_CONFIG = 'elsewhere.yml';
    process.env.SUBMILLI_STATE = '/elsewhere';
    try {
      expect(commandsPage(treeOf(createProgram()))).toBe(before);
    } finally {
      delete process.env.SUBMILLI_CONFIG;
      delete process.env.SUBMILLI_STATE;
    }
  });

  it('has every command with every option', () => {
    const sections = new Map(
      commandsPage(root)
        .split(/^## submilli /m)
        .slice(1)
        .map((text) => [text.slice(0, text.indexOf('\n')), text] as const),
    );
    expect([...sections.keys()]).toEqual(commands.map(({ path }) => path.join(' ')));
    for (const { path, options } of commands) {
      for (const option of options.filter(({ long }) => long !== '--help')) {
        expect(sections.get(path.join(' '))).toContain(`| \`${flagsOf(option)}\` |`);
      }
    }
  });
});

describe('the commands, as one family', () => {
  it('each say in a sentence what they do', () => {
    for (const { path, description } of commands)
      expect([path, description]).toEqual([path, expect.stringMatching(/^[A-Z].*\.$/)]);
  });

  it('each say by which exit statuses scripts can tell what came of them, 0 the first', () => {
    for (const { path, text } of leaves) {
      const codes = blocksOf(text).flatMap((block) =>
        block.kind === 'statuses' ? block.statuses.map(({ code }) => code) : [],
      );
      expect({ path, codes }).toEqual({ path, codes: [...codes].sort((a, b) => a - b) });
      expect({ path, first: codes[0], several: codes.length > 1 }).toEqual({ path, first: 0, several: true });
    }
  });

  it('give examples that name options they have', () => {
    for (const { path, text, options } of leaves) {
      const known = new Set(options.flatMap(({ long, short }) => [long, short]));
      const examples = text
        .replaceAll('\\\n', ' ')
        .split('\n')
        .map((line) => line.trim())
        .filter((line) => line.startsWith(`submilli ${path.join(' ')} -`));
      for (const example of examples) {
        const [own = ''] = example.split(/ {2,}|[|>]/);
        for (const [, option] of own.matchAll(/ (--?[a-z][a-z-]*)/g)) {
          expect({ example, option, known: known.has(option ?? '') }).toMatchObject({ known: true });
        }
      }
    }
  });

  it('with results for scripts have --json, told in the same way', () => {
    const json = leaves.flatMap(({ path, options }) =>
      options.filter(({ long }) => long === '--json').map(({ description }) => ({ path: path.join(' '), description })),
    );
    for (const { description } of json) expect(description).toMatch(/ as JSON|^the same as --format json$/);
    const without = leaves.map(({ path }) => path.join(' ')).filter((path) => !json.some((one) => one.path === path));
    // They run until they are told to stop, print text that is for another program, or have nothing to tell.
    expect(without).toEqual([
      'stack up',
      'stack logs',
      'stack down',
      'stack start',
      'stack stop',
      'cluster render',
      'packages',
      'serve',
      'witness',
      'drill restore',
      'load clean',
      'backup schedule',
      'setup-role',
      'completion',
    ]);
  });
});
