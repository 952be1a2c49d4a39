import { loadConfig } from '@submilli/core';
import { Command } from 'commander';
import { checkAll } from '../check/check';
import { checkReport, needsAttention } from '../check/report';
import { exitWith } from '../exit';
import { exporters } from '../exporters';
import { interruptible } from './interruptible';
import { configOption } from './serve';

export const checkCommand = (): Command =>
  new Command('check')
    .description('Collect once from every target and say what works, what does not, and what would change that.')
    .addOption(configOption())
    .option('--json', 'print the result as JSON', false)
    .addHelpText('after', help)
    .action(async (flags: { config: string; json: boolean }) => {
      await exitWith(
        await interruptible('Looking at every target', 2, async (signal, _, print) => {
          const targets = await checkAll(exporters, loadConfig(flags.config), signal);
          print(`${flags.json ? JSON.stringify(targets, null, 2) : checkReport(targets)}\n`);
          return targets.length === 0 || needsAttention(targets) ? 1 : 0;
        }),
      );
    });

const help = `
Examples:
  submilli check --config my.yml
  submilli check --json | jq -r '.[] | select(.up | not).name'

Exit status: 0 nothing needs attention; 1 something does; 2 the configuration is not right; 130 interrupted.
`;
