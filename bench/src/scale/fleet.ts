import type { LocalPostgres } from '@submilli/local-postgres';
import { type Pooler, startPooler } from '../incidents/pooler';
import type { Fleet } from './plans';
import { ORDINARY, startAll, startServer } from './server';

export type FleetSize = {
  readonly servers: number;
  readonly poolers: number;
  /** The most targets of a process. */
  readonly most: number;
};

/** What the exporters may hold on a server: two connections of three exporters for each name, and a visit. */
const CONNECTIONS_PER_NAME = 8;

type Running = { readonly fleet: Fleet; readonly stop: () => Promise<void> };

/** Small servers, one with a standby, and pools in front of some of them. */
export const startFleet = async (
  { servers, poolers, most }: FleetSize,
  say: (text: string) => void,
): Promise<Running> => {
  const names = Math.ceil(most / servers);
  const connections = names * CONNECTIONS_PER_NAME + 110; // all clusters look at the pair
  const stops: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    for (const end of stops.toReversed()) await end().catch(() => undefined);
  };
  try {
    say(`${String(servers)} servers`);
    const primaries = await startAll(
      Array.from({ length: servers - 1 }, () => async (): Promise<LocalPostgres> => {
        const started = await startServer(ORDINARY, connections);
        stops.push(started.stop);
        return started.postgres;
      }),
    );
    const [primary] = primaries;
    if (primary === undefined) throw new Error('a fleet has two servers at least');
    const standby = await primary.standby();
    stops.push(() => standby.stop('immediate'));
    const pools = await startAll(
      primaries.slice(0, poolers).map((server) => async (): Promise<Pooler> => {
        const pooler = await startPooler(server, 5, { maxClients: 400 });
        stops.push(pooler.stop);
        return pooler;
      }),
    );
    return { fleet: { servers: [...primaries, standby], pair: [primary, standby], poolers: pools }, stop };
  } catch (error) {
    await stop();
    throw error;
  }
};
