import { type CommandNode, flatten } from '../tree';

/** What is true of all commands; what is true of one is declared by it. */

export type Fact = { readonly name: string; readonly meaning: string };

export const introduction: readonly string[] = [
  'submilli starts a whole PostgreSQL system to look at, runs the exporters that watch one of yours, and proves, changes, loads and breaks it on purpose. Each command tells the same below and by --help.',
  'What could change something shows it first, asks, and takes it back where it can; Ctrl-C is always safe. What takes its time says on standard error what it is at. Results go to standard output, with --json as JSON.',
];

/** In the house; each command says more of its own. */
export const statuses: readonly Fact[] = [
  { name: '0', meaning: 'done, or all is well' },
  { name: '1', meaning: 'not done, or what was looked at is not well' },
  { name: '2', meaning: 'the command line is wrong, or it could not be looked at (a drill: failed)' },
  { name: '3 and above', meaning: 'what the command says' },
  { name: '130', meaning: 'interrupted by Ctrl-C' },
];

/** Variables that stand in for options come from the options. */
export const environmentOf = (root: CommandNode): readonly Fact[] => [
  ...ofOptions(root),
  { name: 'NO_COLOR', meaning: 'no colours, where it is not empty' },
  { name: 'PG*', meaning: 'libpq’s, for backup schedule: how it logs in' },
  { name: 'STATE_DIRECTORY', meaning: 'where state is kept, as systemd says it; state_directory goes first' },
  { name: 'XDG_STATE_HOME', meaning: 'else: the folder in which submilli/ is; ~/.local/state if not set' },
];

const ofOptions = (root: CommandNode): readonly Fact[] => {
  const options = flatten(root).flatMap(({ options }) => options);
  const names = [...new Set(options.flatMap(({ variable }) => variable ?? []))].sort();
  return names.map((name) => {
    const found = options.find(({ variable }) => variable === name);
    return { name, meaning: `stands in for ${found?.long}` };
  });
};

export const files: readonly Fact[] = [
  { name: 'submilli.yml', meaning: 'the configuration; the one that comes with Submilli explains every key' },
  { name: '.stack/', meaning: 'in the checkout: everything of the stack on this machine' },
  { name: '~/.local/state/submilli/', meaning: 'what survives a restart, unless state_directory names another place' },
  { name: 'advice-*.journal', meaning: 'there: what became of advice' },
  { name: 'drills/', meaning: 'there: reports of drills' },
  { name: 'loads/', meaning: 'there: pages of load and stress' },
  { name: 'pool-doctor.jsonl', meaning: 'there: what pool doctor --heal did' },
];
