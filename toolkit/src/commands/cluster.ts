import { resolve } from 'node:path';
import { loadConfig, SubmilliError } from '@submilli/core';
import { Command } from 'commander';
import { writeBundle } from '../cluster/write-bundle';
import { configOption } from './serve';

export const clusterCommand = (): Command =>
  new Command('cluster').description('The reference cluster, for machines of your own.').addCommand(renderCommand());

const renderCommand = (): Command =>
  new Command('render')
    .description('Write the files of every machine of the cluster that the configuration describes under `reference`.')
    .addOption(configOption())
    .requiredOption('-o, --out <dir>', 'where to; passwords and certificates that are there stay')
    .addHelpText('after', help)
    .action(async ({ config, out }: { config: string; out: string }) => {
      const { reference } = loadConfig(config);
      if (reference === null) {
        throw new SubmilliError({
          what: 'there is no section reference',
          where: config,
          hint: 'Describe the cluster there: the submilli.yml that comes with Submilli has an example.',
        });
      }
      const { parcels, certificates } = await writeBundle(reference, resolve(out));
      for (const { name, address, files } of parcels) {
        console.log(`${name} (${address}): ${Object.keys(files).join(' ')}`);
      }
      if (certificates.length > 0) console.log(`Certificates made: ${certificates.join(' ')}`);
      console.log(`What to do with them: ${resolve(out)}/README.md`);
    });

const help = `
One folder for each machine, with what belongs on it, sized to it, and a README.md that says what to do with all of it.

Example:
  submilli cluster render --config submilli.yml --out cluster/

Exit status: 0 written; 1 not: the configuration, or the folder.
`;
