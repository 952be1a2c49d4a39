import { loadConfig } from '@submilli/core';
import { Command } from 'commander';
import { checkAll } from '../check/check';
import { checkReport, needsAttention } from '../check/report';
import { exporters } from '../exporters';
import { configOption } from './serve';

export const checkCommand = (): Command =>
  new Command('check')
    .description('Collect once from every target and say what works, what does not, and what would change that.')
    .addOption(configOption())
    .option('--json', 'print the result as JSON')
    .addHelpText(
      'after',
      '\nExit status: 0 when nothing needs attention, 1 when something does, 2 for a bad configuration.\n',
    )
    .action(async (options: { config: string; json?: boolean }) => {
      const config = loadConfig(options.config);
      const targets = await checkAll(exporters, config);
      console.log(options.json === true ? JSON.stringify(targets, null, 2) : checkReport(targets));
      process.exitCode = targets.length === 0 || needsAttention(targets) ? 1 : 0;
    });
