import { forPeople } from '@submilli/core';
import { Command } from 'commander';
import { adviseCommand } from './commands/advise';
import { backupCommand } from './commands/backup';
import { baselineCommand } from './commands/baseline';
import { checkCommand } from './commands/check';
import { clusterCommand } from './commands/cluster';
import { deployCommand } from './commands/deploy';
import { docsCommand } from './commands/docs';
import { drillCommand } from './commands/drill';
import { lintCommand } from './commands/lint';
import { loadCommand } from './commands/load';
import { packagesCommand } from './commands/packages';
import { poolCommand } from './commands/pool';
import { reportCommand } from './commands/report';
import { serveCommand } from './commands/serve';
import { setupRoleCommand } from './commands/setup-role';
import { stackCommand } from './commands/stack';
import { stressCommand } from './commands/stress';
import { witnessCommand } from './commands/witness';
import { exitWith } from './exit';
import { version } from './version';

const program = new Command('submilli')
  .description('PostgreSQL observability and proof for systems that count microseconds.')
  .version(version)
  .showHelpAfterError()
  .enablePositionalOptions() // drill and drill restore have options of the same name
  .addCommand(stackCommand())
  .addCommand(clusterCommand())
  .addCommand(packagesCommand())
  .addCommand(serveCommand())
  .addCommand(checkCommand())
  .addCommand(lintCommand())
  .addCommand(adviseCommand())
  .addCommand(reportCommand())
  .addCommand(baselineCommand())
  .addCommand(witnessCommand())
  .addCommand(deployCommand())
  .addCommand(drillCommand())
  .addCommand(loadCommand())
  .addCommand(stressCommand())
  .addCommand(poolCommand())
  .addCommand(backupCommand())
  .addCommand(setupRoleCommand())
  .addCommand(docsCommand(), { hidden: true });

program.parseAsync().catch(async (error: unknown) => {
  console.error(`submilli: ${forPeople(error)}`);
  await exitWith(1);
});
