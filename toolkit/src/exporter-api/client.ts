import { type Config, type ExporterName, exporterNames, loadConfig, messageOf, SubmilliError } from '@submilli/core';
import type { Command } from 'commander';
import type { z } from 'zod';
import { authorizationOf, baseUrlOf, checkCredentials, type Credentials } from '../prometheus/credentials';
import { configOption } from '../commands/serve';
import { ask } from '../stack/http';

/** The HTTP API of running exporters (exporters/core/src/api). */
export type Exporters = {
  readonly urls: readonly string[];
  /** What each that has this resource answers; who does not answer is in `problems`. */
  readonly all: <T>(
    path: string,
    answer: z.ZodType<T>,
  ) => Promise<readonly { readonly url: string; readonly answer: T }[]>;
  readonly problems: () => readonly string[];
};

export type ExporterFlags = {
  readonly config: string;
  readonly exporter: readonly string[];
  readonly exporterUser?: string;
  readonly exporterPasswordFile?: string;
  readonly exporterCaFile?: string;
};

const SECONDS = 10;
const MOST_BYTES = 16 * 1024 * 1024;

/** How to get to the exporters, the same for every command that asks them. */
export const withExporters = (command: Command): Command =>
  command
    .addOption(configOption('configuration: says where exporters listen'))
    .option('--exporter <url>', 'ask this exporter instead; may be repeated', collect, [])
    .option('--exporter-user <name>', 'where they ask who you are')
    .option('--exporter-password-file <file>', 'and the file with the password')
    .option('--exporter-ca-file <file>', 'whose certificates to trust, for https');

const collect = (text: string, before: readonly string[]): readonly string[] => [...before, text];

export const exportersOf = (flags: ExporterFlags, signal: AbortSignal): Exporters => {
  const credentials = { user: flags.exporterUser, passwordFile: flags.exporterPasswordFile };
  checkCredentials(credentials, 'exporter');
  const urls =
    flags.exporter.length > 0
      ? flags.exporter.map((url) => baseUrlOf(url, '--exporter'))
      : listening(loadConfig(flags.config));
  return connectExporters(urls, { ...credentials, caFile: flags.exporterCaFile, signal });
};

/** Where the exporters of a configuration listen. With a web_config_file the scheme is theirs to say: give --exporter. */
const listening = (config: Config): readonly string[] => {
  const scheme = config.web_config_file === null ? 'http' : 'https';
  return exporterNames.flatMap((name: ExporterName) => {
    const address = config.listen[name];
    return address === null
      ? []
      : [`${scheme}://${address.replace(/^(0\.0\.0\.0|\[::\]|\*)?:(?=\d+$)/, '127.0.0.1:')}`];
  });
};

export type ExporterOptions = Credentials & { readonly caFile?: string | undefined; readonly signal: AbortSignal };

export const connectExporters = (urls: readonly string[], options: ExporterOptions): Exporters => {
  const problems = new Set<string>();
  const askOne = async <T>(url: string, path: string, schema: z.ZodType<T>) => {
    try {
      const limit = AbortSignal.any([options.signal, AbortSignal.timeout(SECONDS * 1000)]);
      const tls = options.caFile === undefined ? undefined : { caFile: options.caFile };
      const answer = await ask(`${url}${path}`, limit, {
        headers: authorizationOf(options),
        tls,
        mostBytes: MOST_BYTES,
      });
      if (answer.status === 404) return [];
      if (answer.status === 401)
        throw new SubmilliError({ what: `${url} refuses us: give --exporter-user and --exporter-password-file` });
      if (answer.status !== 200) throw new SubmilliError({ what: `${url}${path} answers ${answer.status}` });
      return [{ url, answer: parsed(schema, answer.text, `${url}${path}`) }];
    } catch (error) {
      if (options.signal.aborted) throw options.signal.reason;
      problems.add(messageOf(error));
      return [];
    }
  };
  return {
    urls,
    all: async (path, schema) => (await Promise.all(urls.map((url) => askOne(url, path, schema)))).flat(),
    problems: () => [...problems],
  };
};

const parsed = <T>(schema: z.ZodType<T>, text: string, where: string): T => {
  try {
    return schema.parse(JSON.parse(text));
  } catch (cause) {
    throw new SubmilliError({ what: 'is not the API of a Submilli exporter of this version', where, cause });
  }
};
