import type { Server } from 'node:http';
import { join } from 'node:path';
import { createAdviceBook } from '../advice/book';
import { type Clock, systemClock } from '../clock';
import { type Board, createBoard, type Share } from '../collector/board';
import type { Registry } from '../collector/define';
import type { Source } from '../collector/source';
import { createTarget, type Target, type TargetView } from '../collector/target';
import type { Config, ExporterName } from '../config/schema';
import { SubmilliError, messageOf } from '../errors';
import { createApp, type Resource } from '../http/app';
import { basicAuth } from '../http/basic-auth';
import { createWebServer, loadWebConfig } from '../http/web-config';
import type { Logger } from '../log';
import { createKeeper, noKeeper } from '../store/keeper';

/** One of the four: what it is, what it watches, what it reads there. */
export type ExporterDefinition<S, F> = {
  readonly name: ExporterName;
  readonly title: string;
  readonly description: string;
  /** The key of the configuration that gives it targets, named when there are none. */
  readonly section: 'postgres' | 'pgbouncer' | 'clusters';
  readonly registry: Registry<S, F>;
  readonly targets: (
    config: Config,
    clock: Clock,
  ) => readonly { readonly name: string; readonly source: Source<S, F> }[];
  /** What it tells the other exporters of its process. */
  readonly share?: Share<F>;
  /** Further `GET` resources beside those that all exporters have. */
  readonly resources: readonly Resource<F>[];
};

/** An exporter with its types put away: what the toolkit passes around. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- sessions and facts differ by exporter
export type AnyExporter = ExporterDefinition<any, any>;

export type RunningExporter = {
  readonly name: ExporterName;
  readonly url: string;
  /** Throws if a reload cannot take this configuration. */
  readonly accepts: (config: Config) => void;
  /** Takes a new configuration; targets are replaced, the listening address stays. */
  readonly reload: (config: Config) => Promise<void>;
  readonly close: () => Promise<void>;
};

export type RunOptions = {
  readonly config: Config;
  readonly log: Logger;
  readonly version: string;
  /** What `POST /-/reload` calls; rejects with the reason when the new configuration is refused. */
  readonly requestReload: () => Promise<void>;
  /** Where to keep what must survive a restart; null keeps it in memory. */
  readonly stateDirectory: string | null;
  /** Shared by the exporters of one process. */
  readonly board?: Board;
  readonly clock?: Clock;
  readonly random?: () => number;
};

/** What the HTTP side sees of a running exporter; replaced as a whole at a reload. */
export type State<F = unknown> = {
  readonly config: Config;
  readonly targets: readonly Target<F>[];
  readonly loadedAt: number;
  readonly reloadError: string | undefined;
};

export const runExporter = async <S, F>(
  definition: ExporterDefinition<S, F>,
  options: RunOptions,
): Promise<RunningExporter> => {
  const { log, version, requestReload, stateDirectory, clock = systemClock, random = Math.random } = options;
  const { board = createBoard(clock) } = options;
  const book = createAdviceBook({
    path: stateDirectory === null ? null : join(stateDirectory, `advice-${definition.name}.journal`),
    clock,
    log,
  });
  const keeper =
    stateDirectory === null ? noKeeper : createKeeper(join(stateDirectory, `parts-${definition.name}`), log);
  /** A target that is down has nothing to say: what it said before is taken back. */
  const shareOf = (view: TargetView<F>, target: string, config: Config) =>
    view.up ? (definition.share?.(view, { target, config }) ?? []) : [];
  const build = (config: Config): State<F> => {
    const targets: Target<F, S>[] = definition.targets(config, clock).map(({ name, source }, index, all) =>
      createTarget({
        ...{ name, source, registry: definition.registry, config, clock, random, log, keeper, book },
        siblings: () => targets.filter((other) => other.name !== name).flatMap((other) => other.sibling() ?? []),
        shared: board.fresh,
        place: { index, of: all.length },
        onScrape: (view) => board.post(`${definition.name}/${name}`, shareOf(view, name, config)),
      }),
    );
    return { config, targets, loadedAt: clock.wall(), reloadError: undefined };
  };

  const address = options.config.listen[definition.name];
  if (address === null) {
    throw new SubmilliError({ what: 'has no address to listen on', where: `listen.${definition.name}` });
  }
  const web = loadWebConfig(options.config.web_config_file);
  let state = build(options.config);
  const authenticated = Object.keys(web.basic_auth_users).length > 0;
  const app = createApp({
    definition,
    version,
    clock,
    book,
    state: () => state,
    authenticate: authenticated ? basicAuth(web.basic_auth_users) : undefined,
    reload: async () => {
      try {
        await requestReload();
      } catch (error) {
        state = { ...state, reloadError: messageOf(error) };
        throw error;
      }
    },
  });
  const server = createWebServer(web, app);
  try {
    await listen(server, address, definition.name);
  } catch (error) {
    await Promise.all(state.targets.map((target) => target.close()));
    throw error;
  }
  const url = `${web.tls_server_config === undefined ? 'http' : 'https'}://${address}`;
  log.info({ exporter: definition.name, url, targets: state.targets.length }, `${definition.title} listens on ${url}`);

  return {
    name: definition.name,
    url,
    accepts: (config) => {
      if (config.listen[definition.name] !== address) {
        throw new SubmilliError({
          what: `a reload cannot move it from ${address}`,
          where: `listen.${definition.name}`,
          hint: 'Restart the exporter to change its address.',
        });
      }
    },
    reload: async (config) => {
      const before = state;
      state = build(config);
      await Promise.all(before.targets.map((target) => target.close()));
    },
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await Promise.all([closed, ...state.targets.map((target) => target.close())]);
      await book.close();
    },
  };
};

const listen = (server: Server, address: string, name: ExporterName): Promise<void> => {
  const split = address.lastIndexOf(':');
  const host = address.slice(0, split).replace(/^\[|\]$/g, '');
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) =>
      reject(
        new SubmilliError({
          what: cause.code === 'EADDRINUSE' ? `port ${address.slice(split + 1)} is in use` : messageOf(cause),
          where: `listen.${name} ${address}`,
          hint: 'Stop what uses it, or give the exporter another address in the configuration.',
          cause,
        }),
      ),
    );
    server.listen(Number(address.slice(split + 1)), host, resolve);
  });
};
