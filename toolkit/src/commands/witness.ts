import { createLogger, loadConfig, silentLogger, SubmilliError, systemClock } from '@submilli/core';
import { Command } from 'commander';
import { serveStatus } from '../witness/serve';
import { createWitness } from '../witness/witness';
import { configOption } from './serve';

export const witnessCommand = (): Command =>
  new Command('witness')
    .description('One of at least three that remove a dead leader’s key together, so that Patroni elects at once.')
    .addOption(configOption())
    .option('--once', 'look once, print what it sees as JSON, and change nothing', false)
    .addHelpText('after', help)
    .action(async ({ config, once }: { config: string; once: boolean }) => {
      await (once ? lookOnce(config) : run(config));
    });

const help = `
It needs a section witness in the configuration: see docs/witness.md.

Examples:
  submilli witness --config witness1.yml
  submilli witness --config witness1.yml --once | jq .sees

Exit status: 0 it was told to stop, or, with --once, all is calm and nothing stands in its way; 1 it is not, or it could
not start.
`;

const settingsOf = (path: string) => {
  const config = loadConfig(path);
  if (config.witness !== null) return { config, settings: config.witness };
  throw new SubmilliError({
    ...{ what: 'no witness is configured', where: path },
    hint: 'Add a section witness, as in the submilli.yml that comes with Submilli; docs/witness.md explains it.',
  });
};

/**
 * Looks again only where it saw nothing: the first connections, with their handshakes, may take longer than an answer may.
 * That is fewer looks at a dead leader than any vote takes.
 */
const lookOnce = async (path: string): Promise<void> => {
  const { settings } = settingsOf(path);
  const witness = createWitness(settings, systemClock, silentLogger);
  await witness.look();
  for (let more = settings.checks - 1; more > 0 && witness.status().sees === 'blind'; more -= 1) await witness.look();
  const status = witness.status();
  witness.close();
  console.log(JSON.stringify(status, null, 2));
  process.exitCode = status.sees === 'calm' && status.objections.length === 0 ? 0 : 1;
};

const run = async (path: string): Promise<void> => {
  const { config, settings } = settingsOf(path);
  const log = createLogger(config.log_level);
  const witness = createWitness(settings, systemClock, log);
  const server =
    settings.listen === null ? undefined : await serveStatus(settings.listen, config.web_config_file, witness.status);
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
  const { name, witnesses, scope } = settings;
  log.info(
    { witness: name, scope, listen: settings.listen },
    `${name}, one of ${witnesses.join(', ')}, watches ${scope}`,
  );
  await witness.run(stop.signal);
  log.info({ witness: name, scope }, 'stopped');
  witness.close();
  server?.close();
  server?.closeAllConnections();
};
