import { setupRoleSql } from '@submilli/core';
import { Command } from 'commander';

export const setupRoleCommand = (): Command =>
  new Command('setup-role')
    .description('Print the SQL that makes the least-privilege monitoring role. Nothing is run.')
    .option('-r, --role <name>', 'name of the role', 'submilli')
    .option('-d, --database <name...>', 'databases in which to create pg_stat_statements', ['postgres'])
    .option('--read-log', 'also let it read the server’s log, and nothing else, through the server', false)
    .option('--explain', 'also let it ask for plans, which takes the right to read all tables', false)
    .option('--canary', 'also make the role and the table of the canary', false)
    .addHelpText('after', help)
    .action(
      ({
        role,
        database,
        ...more
      }: {
        role: string;
        database: string[];
        readLog: boolean;
        explain: boolean;
        canary: boolean;
      }) => {
        process.stdout.write(setupRoleSql({ role, databases: database, ...more }));
      },
    );

const help = `
Examples:
  submilli setup-role --database grandmodel                                  # read it first
  submilli setup-role --database grandmodel | psql -h HOST -U postgres
  submilli setup-role --read-log --explain --canary --database grandmodel    # for true latency, plans and canaries

Exit status: 0 printed; 2 the command line is wrong.
`;
