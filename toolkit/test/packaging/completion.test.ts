import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { completionFor, type Shell, shells } from '../../src/command-line/completion/completion';
import { flatten, treeOf } from '../../src/command-line/tree';
import { createProgram } from '../../src/program';
import { run } from '../compose/tools';

const root = treeOf(createProgram());
const commands = flatten(root);
const scratch = mkdtempSync(join(tmpdir(), 'submilli-completion-'));

afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const scriptOf = (shell: Shell): string => join(scratch, `submilli.${shell}`);

/** What a shell offers after each of these lines. */
const offers = (shell: Shell, lines: readonly string[]): ReadonlyMap<string, readonly string[]> => {
  writeFileSync(scriptOf(shell), completionFor(shell, root));
  const asking = join(__dirname, `offers.${shell}`);
  const { output } = run(shell, [...(shell === 'zsh' ? ['-f'] : []), asking, scriptOf(shell), ...lines]);
  const answers = output.split(/^LINE:/m).slice(1);
  return new Map(
    answers.map((answer) => {
      const [line = '', ...offered] = answer.split('\n').filter((text) => text !== '');
      return [line, offered.map((offer) => offer.replace(/^OFFER:/, '')).sort()];
    }),
  );
};

const lineTo = (path: readonly string[], last: string): string => ['submilli', ...path, last].join(' ');

describe.each(shells)('completion in %s', (shell) => {
  it('offers every option of every command, and no other', () => {
    const seen = offers(
      shell,
      commands.map(({ path }) => lineTo(path, '--')),
    );
    for (const { path, options } of commands) {
      const line = lineTo(path, '--');
      expect({ line, offered: seen.get(line) }).toEqual({ line, offered: options.map(({ long }) => long).sort() });
    }
  });

  it('offers every command where it may stand', () => {
    const parents = commands.filter((command) => command.commands.length > 0);
    const seen = offers(
      shell,
      parents.map(({ path }) => lineTo(path, '')),
    );
    for (const { path, commands: children } of parents) {
      const names = children.map((child) => child.path.at(-1));
      expect(seen.get(lineTo(path, ''))).toEqual(expect.arrayContaining(names));
    }
  });

  it('offers the values of options and operands that have some', () => {
    const choices = commands.flatMap(({ path, options }) =>
      options.flatMap(({ long, short, values }) =>
        values.kind === 'choices'
          ? [long, ...(short === undefined ? [] : [short])].map((name) => ({
              line: lineTo(path, `${name} `),
              words: values.choices,
            }))
          : [],
      ),
    );
    expect(choices.length).toBeGreaterThan(8);
    const seen = offers(shell, [...choices.map(({ line }) => line), 'submilli drill node-', 'submilli help back']);
    for (const { line, words } of choices)
      expect({ line, offered: seen.get(line) }).toEqual({ line, offered: [...words].sort() });
    expect(seen.get('submilli drill node-')).toEqual(['node-loss']);
    expect(seen.get('submilli help back')).toEqual(['backup']);
  });

  it('knows what is a value, after a blank or =, and what is an operand', () => {
    const seen = offers(shell, [
      'submilli lint --kind=patr',
      'submilli drill --state up --runs 2 node-',
      'submilli lint --config package-l',
      'submilli backup restore --to toolk',
      'submilli lint package-l',
    ]);
    const bare = (offered: readonly string[] = []): string[] => offered.map((offer) => offer.replace(/^.*=|\/$/g, ''));
    expect(bare(seen.get('submilli lint --kind=patr'))).toEqual(['patroni']);
    expect(seen.get('submilli drill --state up --runs 2 node-')).toEqual(['node-loss']);
    expect(seen.get('submilli lint --config package-l')).toContain('package-lock.json');
    expect(bare(seen.get('submilli backup restore --to toolk'))).toContain('toolkit');
    expect(seen.get('submilli lint package-l')).toContain('package-lock.json');
  });
});

describe('the script for bash', () => {
  it('has nothing that ShellCheck finds', () => {
    writeFileSync(scriptOf('bash'), completionFor('bash', root));
    expect(run('shellcheck', ['--shell=bash', '--severity=style', scriptOf('bash')])).toEqual({
      status: 0,
      output: '',
    });
  });
});

describe('the declarations', () => {
  it('tell every option and operand in words, and no option’s value is optional', () => {
    for (const { path, options, arguments: operands } of commands.filter(({ path }) => path.at(-1) !== 'help')) {
      for (const { long, description, placeholder = '<' } of options) {
        expect({ path, long, isTold: description !== '' && placeholder.startsWith('<') }).toMatchObject({
          isTold: true,
        });
      }
      for (const { name, description } of operands)
        expect({ path, name, isTold: description !== '' }).toMatchObject({ isTold: true });
    }
  });
});
