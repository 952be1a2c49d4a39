import { Command, Option } from 'commander';
import { installPackages, missingPackages, packagesFor, type Purpose, reasonFor } from '../debian/packages';

export const packagesCommand = (): Command =>
  new Command('packages')
    .description('Say which Debian packages are needed and install the missing ones. No service is started or enabled.')
    .addOption(new Option('--for <purpose>', 'what they are for').choices(['stack', 'test']).default('stack'))
    .option('-y, --yes', "don't ask on a terminal", false)
    .addHelpText('after', help)
    .action(async (options: { for: Purpose; yes: boolean }) => {
      const names = packagesFor(options.for);
      const missing = missingPackages(names);
      const width = Math.max(...names.map((name) => name.length));
      for (const name of names) {
        const state = missing.includes(name) ? 'missing  ' : 'installed';
        console.log(`${name.padEnd(width)}  ${state}  ${reasonFor(name)}`);
      }
      await installPackages(missing, { yes: options.yes, say: (line) => console.log(line) });
      if (missing.length > 0) console.log('Installed; nothing was started or enabled.');
    });

const help = `
Examples:
  submilli packages                   for a stack on this machine
  submilli packages --for test --yes  and for the tests

Exit status: 0 all are installed; 1 some are not, and the reason why.
`;
