import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { room } from './tools';
import { type Block, runbooks } from '../runbook';

/** What our own commands and those of Patroni can do is asked of them, word by word. */
type Program = 'submilli' | 'patronictl';

const bin = join(room, '..', 'toolkit', 'bin', 'submilli.js');
const helps = new Map<string, string>();

const helpOf = (program: Program, words: readonly string[]): string => {
  const [file, before] = program === 'submilli' ? [process.execPath, [bin]] : [program, []];
  const key = [program, ...words].join(' ');
  const known = helps.get(key);
  if (known !== undefined) return known;
  const { error, stdout, stderr } = spawnSync(file, [...before, ...words, '--help'], { encoding: 'utf8' });
  if (error !== undefined)
    throw new Error(`cannot run ${program} (${error.message}): npx submilli packages --for test`);
  helps.set(key, stdout + stderr);
  return stdout + stderr;
};

const shell = runbooks.flatMap(({ name, blocks }) =>
  blocks.filter(({ language }) => language === 'sh').map((block) => [`${name}.md:${block.line}`, block] as const),
);

/** Simple commands of a script, without comments and what is quoted; those within $( ) by themselves. */
const commandsOf = (script: string): readonly (readonly string[])[] => {
  const inner: string[] = [];
  const outer = script
    .replaceAll(/'[^']*'/g, 'QUOTED')
    .replaceAll(/\$\(([^()]*)\)/g, (_, text: string) => {
      inner.push(text);
      return 'INNER';
    })
    .replaceAll(/"[^"]*"/g, 'QUOTED')
    .replaceAll(/(^|\s)#.*$/gm, '');
  const commands = outer.split(/\n|\|\|?|&&|;/).map((command) => command.trim().split(/\s+/));
  return [...commands.filter(([word]) => word !== ''), ...inner.flatMap(commandsOf)];
};

const optionsOf = (words: readonly string[]): readonly string[] =>
  words.filter((word) => word.startsWith('-')).map((word) => word.split('=')[0] ?? '');

/** What it says no to: a command it does not have, or options that this one does not take. */
const refusedBy = (program: Program, words: readonly string[]): readonly string[] => {
  const named = words.filter((word) => !word.startsWith('-'));
  const depth = program === 'submilli' && ['stack', 'backup'].includes(named[0] ?? '') ? 2 : 1;
  const path = named.slice(0, depth);
  const help = helpOf(program, path);
  const isThere = help.includes(`Usage: ${program} ${program === 'submilli' ? path.join(' ') : ''}`.trim());
  const isOption = (option: string): boolean => new RegExp(`(?<![\\w-])${option}(?![\\w-])`).test(help);
  const unknown = optionsOf(words).filter((option) => !isOption(option));
  return [...(isThere && !help.includes('No such command') ? [] : [`no command ${path.join(' ')}`]), ...unknown];
};

describe('the shell commands of the runbooks', () => {
  it.each(shell)('can be read by the shell: %s', (_, { text }: Block) => {
    const { status, stderr } = spawnSync('bash', ['-n'], { input: text, encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });

  it.each(shell)('are programs that there are, with options that they have: %s', (_, { text, marks }: Block) => {
    expect(marks).toEqual([]);
    for (const [program = '', ...words] of commandsOf(text)) {
      const { status } = spawnSync('sh', ['-c', 'command -v "$1"', 'sh', program]);
      expect({ program, status }).toEqual({ program, status: 0 });
      if (program === 'patronictl') expect(refusedBy(program, words)).toEqual([]);
      if (program === 'npx') expect([words[0], ...refusedBy('submilli', words.slice(1))]).toEqual(['submilli']);
    }
  });

  it('are taken apart as the shell does it', () => {
    const script = `a -x 'b | c' | d "e $(f --g | h)" # i\nj; k && l`;
    expect(commandsOf(script).map(([program]) => program)).toEqual(['a', 'd', 'j', 'k', 'l', 'f', 'h']);
    expect(refusedBy('submilli', ['stack', 'logs', 'pg1', '--lines', '3'])).toEqual([]);
    expect(refusedBy('submilli', ['stack', 'restart', 'pg1', '--now'])).toEqual(['no command stack restart', '--now']);
    expect(refusedBy('patronictl', ['list', 'grandmodel', '--extended'])).toEqual([]);
    expect(refusedBy('patronictl', ['promote', '--candidate', 'pg2'])).toEqual(['no command promote', '--candidate']);
  });
});
