import {
  type Config,
  createBoard,
  createLogger,
  type ExporterName,
  exporterNames,
  forPeople,
  loadConfig,
  type Logger,
  messageOf,
  runExporter,
  type RunningExporter,
  SubmilliError,
  systemClock,
} from '@submilli/core';
import { Argument, Command, Option } from 'commander';
import { homedir } from 'node:os';
import { exporters } from '../exporters';
import { stateDirectoryOf } from '../state-directory';
import { version } from '../version';

const CONFIG = 'submilli.yml';

export const defaultConfigPath = (): string => process.env.SUBMILLI_CONFIG ?? CONFIG;

export const configOption = (what = 'configuration'): Option =>
  new Option('-c, --config <file>', what).env('SUBMILLI_CONFIG').default(CONFIG);

export const serveCommand = (): Command =>
  new Command('serve')
    .description('Run the exporters: all of them in this process, or the named ones.')
    .addArgument(new Argument('[exporters...]', 'which ones').choices(exporterNames))
    .addOption(configOption())
    .addHelpText('after', help)
    .action(async (names: ExporterName[], options: { config: string }) => {
      await serve(names, options.config);
    });

const help = `
SIGHUP, or POST /-/reload from this machine, reads the configuration again; a bad file leaves the old one in use.

Examples:
  submilli serve --config my.yml                    all four exporters, in this process
  submilli serve database query --config my.yml     two of them

Exit status: 0 it was told to stop, by SIGTERM or Ctrl-C; 1 it could not start: the configuration, or a port in use.
`;

const serve = async (names: readonly ExporterName[], path: string): Promise<void> => {
  const config = loadConfig(path);
  const log = createLogger(config.log_level);
  const wanted = exporters.filter(
    ({ name }) => config.listen[name] !== null && (names.length === 0 || names.includes(name)),
  );
  if (wanted.length === 0) {
    throw new SubmilliError({ what: 'no exporter to run', where: path, hint: 'Give one an address under listen.' });
  }
  const stateDirectory = stateDirectoryOf(config.state_directory, process.env, homedir());
  const running: RunningExporter[] = [];
  const board = createBoard(systemClock);
  const requestReload = (): Promise<void> => reloadAll(path, running, log);
  try {
    for (const definition of wanted) {
      running.push(await runExporter(definition, { config, log, version, requestReload, stateDirectory, board }));
    }
  } catch (error) {
    await closeAll(running);
    throw error;
  }
  sayWhatIsMissing(wanted, config, log);
  process.on('SIGHUP', () => {
    requestReload().catch((error: unknown) => log.error({}, `reload refused: ${forPeople(error)}`));
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      log.info({ signal }, 'stopping');
      void closeAll(running).then(() => process.exit(0));
    });
  }
};

/** All exporters take the new configuration, or none does. */
const reloadAll = async (path: string, running: readonly RunningExporter[], log: Logger): Promise<void> => {
  const config = loadConfig(path);
  for (const exporter of running) exporter.accepts(config);
  await Promise.all(running.map((exporter) => exporter.reload(config)));
  log.info({ path }, 'configuration reloaded');
};

const closeAll = async (running: readonly RunningExporter[]): Promise<void> => {
  await Promise.all(running.map((exporter) => exporter.close().catch((error: unknown) => messageOf(error))));
};

const sayWhatIsMissing = (wanted: typeof exporters, config: Config, log: Logger): void => {
  for (const { name, section } of wanted) {
    if (config[section].length === 0) {
      log.warn({ exporter: name }, `${name} has no target: add an entry under ${section} in the configuration`);
    }
  }
};
