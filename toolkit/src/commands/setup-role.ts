import { setupRoleSql } from '@submilli/core';
import { Command } from 'commander';

export const setupRoleCommand = (): Command =>
  new Command('setup-role')
    .description('Print the SQL that makes the least-privilege monitoring role. Nothing is run.')
    .option('-r, --role <name>', 'name of the role', 'submilli')
    .option('-d, --database <name...>', 'databases in which to create pg_stat_statements', ['postgres'])
    .addHelpText('after', '\nExample: submilli setup-role --database grandmodel | psql -h HOST -U postgres\n')
    .action(({ role, database }: { role: string; database: string[] }) => {
      process.stdout.write(setupRoleSql({ role, databases: database }));
    });
