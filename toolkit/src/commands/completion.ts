import { Argument, Command } from 'commander';
import { completionFor, type Shell, shells } from '../command-line/completion/completion';
import { treeOf } from '../command-line/tree';

export const completionCommand = (program: () => Command): Command =>
  new Command('completion')
    .description('Print what completes commands, options and their values in your shell.')
    .addArgument(new Argument('<shell>', 'which one').choices(shells))
    .addHelpText('after', help)
    .action((shell: Shell) => {
      process.stdout.write(completionFor(shell, treeOf(program())));
    });

const help = `
Examples:
  submilli completion bash > ~/.local/share/bash-completion/completions/submilli   # with the package bash-completion
  echo '. <(submilli completion bash)' >> ~/.bashrc                                # without it
  submilli completion zsh > ~/.zfunc/_submilli                                     # fpath=(~/.zfunc $fpath) before compinit
  submilli completion fish > ~/.config/fish/completions/submilli.fish

Exit status: 0 printed; 2 there is no such shell.
`;
