import { loadConfig } from '@submilli/core';
import { Command, InvalidArgumentError, Option } from 'commander';
import { adviseOnce } from '../advise/advise';
import { migrationOf } from '../advise/migration';
import { adviseReport } from '../advise/report';
import { severities, type Severity, standingOf, statusOf } from '../advise/standing';
import { standingReport } from '../advise/standing-report';
import { readStatements, statementsQuery } from '../advise/statements-file';
import { exportersOf, type ExporterFlags, withExporters } from '../exporter-api/client';
import { writeFile } from '../stack/files';
import { interruptible } from './interruptible';
import { configOption } from './serve';

type Flags = ExporterFlags & {
  readonly severity: Severity;
  readonly target?: string;
  readonly rule?: string;
  readonly all: boolean;
  readonly json: boolean;
};

export const adviseCommand = (): Command =>
  withExporters(new Command('advise'))
    .enablePositionalOptions() // its own --config, --target and --json, and those of indexes
    .description('What all exporters advise now: what, why, what to do, and what that will change. Nothing is done.')
    .addOption(new Option('-s, --severity <least>', 'at least so grave').choices(severities).default('info'))
    .option('-t, --target <name>', 'of this target only')
    .option('--rule <name>', 'of this rule only')
    .option('--all', 'and what somebody acknowledged, snoozed or dismissed', false)
    .option('--json', 'print it as JSON', false)
    .addHelpText('after', help)
    .action(async (flags: Flags) => {
      process.exitCode = await interruptible('Asking the exporters', 2, async (signal, _, print) => {
        const { severity: least, target, rule } = flags;
        const standing = await standingOf(exportersOf(flags, signal), { least, target, rule });
        const text = flags.json ? `${JSON.stringify(standing, null, 1)}\n` : standingReport(standing, flags.all);
        print(text);
        return statusOf(standing);
      });
    })
    .addCommand(indexesCommand());

const help = `
Each exporter's rules look at what it has just collected. What a rule could not look at is listed with the reason: it is
not known, which is not the same as fine.

  submilli advise                                        what there is to do, the gravest first
  submilli advise --severity critical || page-somebody
  submilli advise --json | jq -r '.open[].action.text'
  submilli advise indexes --target pg1                   look for indexes now: see submilli advise indexes --help

Exit status: 0 everybody answered and nothing is advised; 1 something is; 2 nothing is, but an exporter did not answer;
130 interrupted.
`;

type IndexFlags = {
  readonly config: string;
  readonly target?: string;
  readonly database?: string;
  readonly statements?: string;
  readonly storage: number;
  readonly seconds: number;
  readonly onPrimary: boolean;
  readonly migration?: string;
  readonly printQuery: boolean;
  readonly json: boolean;
};

const indexesCommand = (): Command =>
  new Command('indexes')
    .description('Look once for indexes that the statements of a database want. Nothing is built.')
    .option('-t, --target <name>', 'entry under postgres in the configuration')
    .addOption(configOption())
    .option('-d, --database <name>', 'database; default: the one of the entry')
    .option('--statements <file>', 'not what this database has run, but what is in this file')
    .option('--storage <MB>', 'what all new indexes may take together', positive, 1024)
    .option('--seconds <s>', 'how long to look at most', positive, 60)
    .option('--on-primary', 'ask HypoPG on a primary, too, not only on standbys', false)
    .option('-m, --migration <name>', 'write <name>.up.sql and, with the way back, <name>.down.sql')
    .option('--print-query', 'print the query that makes a file of statements, and do nothing else', false)
    .option('--json', 'print the result as JSON', false)
    .addHelpText('after', indexesHelp)
    .action(async (flags: IndexFlags, command: Command) => {
      if (flags.printQuery) return void console.log(statementsQuery);
      const { target } = flags;
      if (target === undefined)
        return command.error('error: --target is needed: an entry under postgres', { exitCode: 2 });
      process.exitCode = await interruptible('Looking for indexes', 2, (signal, _, print) =>
        run(flags, target, signal, print),
      );
    });

const indexesHelp = `
  submilli advise indexes --target pg1
  submilli advise indexes --target pg1 --migration migrations/20260131_indexes

The statements of production, the planner of a copy of it:

  psql -AtX -d trading -c "$(submilli advise indexes --print-query)" > statements.json    # in production
  submilli advise indexes --target copy --database trading --statements statements.json

The catalog, the statistics and the planner are the target's: the copy must have the tables and have been analyzed. An
index that the planner was not asked about is an estimate, and says so.

Exit status: 0 looked, and no index is advised; 1 some are; 2 not looked: the reason why; 130 interrupted, and nothing
written.
`;

type Print = (text: string) => void;

const run = async (flags: IndexFlags, target: string, signal: AbortSignal, print: Print): Promise<number> => {
  const workload = flags.statements === undefined ? undefined : readStatements(flags.statements);
  const advised = await adviseOnce(loadConfig(flags.config), {
    ...{ target, database: flags.database, onPrimary: flags.onPrimary, seconds: flags.seconds, workload, signal },
    storageBytes: flags.storage * 1024 * 1024,
  });
  if (flags.migration !== undefined && advised.advice.indexes.length > 0) {
    const { up, down } = migrationOf(advised);
    writeFile(`${flags.migration}.up.sql`, up, undefined, 0o644);
    writeFile(`${flags.migration}.down.sql`, down, undefined, 0o644);
  }
  print(`${flags.json ? JSON.stringify(advised.advice, null, 2) : adviseReport(advised)}\n`);
  return advised.advice.indexes.length > 0 ? 1 : 0;
};

function positive(text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new InvalidArgumentError('A number above zero, please.');
  return value;
}
