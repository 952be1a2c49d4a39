import { loadConfig } from '@submilli/core';
import { Command } from 'commander';
import { adviseOnce } from '../advise/advise';
import { adviseReport } from '../advise/report';
import { defaultConfigPath } from './serve';

type Options = {
  readonly config: string;
  readonly target: string;
  readonly database?: string;
  readonly storage: string;
  readonly seconds: string;
  readonly onPrimary: boolean;
  readonly json: boolean;
};

export const adviseCommand = (): Command =>
  new Command('advise')
    .description('Look once for indexes that the statements of a database want. Nothing is built.')
    .requiredOption('-t, --target <name>', 'entry under postgres in the configuration')
    .option('-c, --config <file>', 'configuration (SUBMILLI_CONFIG, then submilli.yml)', defaultConfigPath())
    .option('-d, --database <name>', 'database; default: the one of the entry')
    .option('--storage <MB>', 'what all new indexes may take together', '1024')
    .option('--seconds <s>', 'how long to look at most', '60')
    .option('--on-primary', 'ask HypoPG on a primary, too, not only on standbys', false)
    .option('--json', 'print the result as JSON', false)
    .action(async ({ config, target, database, storage, seconds, onPrimary, json }: Options) => {
      const advised = await adviseOnce(loadConfig(config), {
        ...{ target, database, onPrimary, seconds: Number(seconds) },
        storageBytes: Number(storage) * 1024 * 1024,
      });
      console.log(json ? JSON.stringify(advised.advice, null, 2) : adviseReport(advised));
    });
