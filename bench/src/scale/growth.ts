import { Client } from 'pg';
import type { LocalPostgres } from '@submilli/local-postgres';
import { startPooler } from '../incidents/pooler';
import { ORDINARY, type Size, startAll, startServer } from './server';
import { clustersOf, poolsOf, serversOf } from './plans';
import type { Plan } from './point';

/** Names for the one server of a level: a single target would hardly show. */
export const NAMES = 10;

/** A plan, and what it is a point of. */
export type Level = { readonly of: string; readonly level: number; readonly plan: Plan };

export type Grown = { readonly levels: readonly Level[]; readonly stop: () => Promise<void> };

export type Levels = {
  readonly tables: readonly number[];
  readonly statements: readonly number[];
  readonly sessions: readonly number[];
  readonly poolClients: readonly number[];
  readonly members: readonly number[];
};

/** Servers and pools that differ from an ordinary one by one thing. */
export const grow = async (levels: Levels, say: (text: string) => void): Promise<Grown> => {
  const stops: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    for (const end of stops.toReversed()) await end().catch(() => undefined);
  };
  const server = async (size: Partial<Size>): Promise<LocalPostgres> => {
    const started = await startServer({ ...ORDINARY, ...size }, 200);
    stops.push(started.stop);
    return started.postgres;
  };
  const sized = (of: keyof Size, exporter: 'database' | 'query', level: number) => async (): Promise<Level> => {
    say(`a server of ${String(level)} ${of}`);
    const postgres = await server({ [of]: level });
    const targets = { postgres: serversOf([postgres], NAMES) };
    return { of: `${of}, ${exporter} exporter`, level, plan: { ...named(of, level), exporters: [exporter], targets } };
  };
  const pooled = (level: number) => async (): Promise<Level> => {
    say(`a pool of ${String(level)} clients`);
    const pooler = await startPooler(await server({}), 10, { maxClients: level + 5 * NAMES });
    stops.push(pooler.stop);
    const clients = await connectAll(pooler.clientConfig, level);
    stops.push(async () => void (await Promise.all(clients.map((client) => client.end()))));
    const targets = { pgbouncer: poolsOf([pooler], NAMES) };
    return { of: 'clients, pool exporter', level, plan: { ...named('clients', level), exporters: ['pool'], targets } };
  };
  try {
    const single = await startAll([
      ...levels.tables.map((level) => sized('tables', 'database', level)),
      ...levels.sessions.map((level) => sized('sessions', 'database', level)),
      ...levels.statements.map((level) => sized('statements', 'query', level)),
      ...levels.poolClients.map(pooled),
    ]);
    say(`a cluster of ${String(Math.max(...levels.members))} members`);
    const primary = await server({});
    const members = [primary];
    while (members.length < Math.max(...levels.members)) {
      const standby = await primary.standby();
      stops.push(() => standby.stop('immediate'));
      members.push(standby);
    }
    const entries = serversOf(members, members.length);
    const clusters = levels.members.map((level): Level => {
      const names = entries.slice(0, level).map(({ name }) => name);
      const targets = { postgres: entries, clusters: clustersOf(names, NAMES) };
      return { of: 'members, ha exporter', level, plan: { ...named('members', level), exporters: ['ha'], targets } };
    });
    return { levels: [...single, ...clusters], stop };
  } catch (error) {
    await stop();
    throw error;
  }
};

const named = (of: string, level: number): { name: string; count: number } => ({
  name: `${String(level)} ${of}`,
  count: NAMES,
});

const connectAll = async (config: ConstructorParameters<typeof Client>[0], count: number): Promise<Client[]> => {
  const clients: Client[] = [];
  for (let i = 0; i < count; i += 1) {
    const client = new Client(config);
    client.on('error', () => undefined);
    await client.connect();
    clients.push(client);
  }
  return clients;
};
