import { Command } from 'commander';
import { adviseCommand } from './commands/advise';
import { backupCommand } from './commands/backup';
import { baselineCommand } from './commands/baseline';
import { checkCommand } from './commands/check';
import { clusterCommand } from './commands/cluster';
import { completionCommand } from './commands/completion';
import { deployCommand } from './commands/deploy';
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
import { version } from './version';

/** The whole command line. What it declares is also what completes it and what its manual says. */
export const createProgram = (): Command => {
  const program = new Command('submilli');
  program
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
    .addCommand(completionCommand(() => program));
  refuseWithTwo(program);
  return program;
};

const WRONG = 2;

/** For a script a wrong command line is not an answer, which 1 is for most commands. For a drill 2 is: there it stays 1. */
const refuseWithTwo = (command: Command): void => {
  command.exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : WRONG));
  command.commands.filter((child) => child.name() !== 'drill').forEach(refuseWithTwo);
};
