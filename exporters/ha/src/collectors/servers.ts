import { defineCollector, type Env, gauge, Problem } from '@submilli/core';
import type { ServerRow } from '../servers/closer-look';
import type { ClusterSession } from '../session/cluster-session';
import type { HaFacts } from '../source';
import type { Node } from '../topology/nodes';

/** A server under the name of its member. */
export type NamedServer = { readonly member: string; readonly server: string; readonly row: ServerRow };

export type ServersData = {
  readonly answered: readonly NamedServer[];
  readonly silent: readonly { readonly member: string; readonly server: string; readonly problem: Problem }[];
  /** How names of members, servers and APIs belong together, as far as it is known by now. */
  readonly nodes: readonly Node[];
  readonly addresses: readonly { readonly server: string; readonly host: string; readonly port: number }[];
  /** When they were asked, in milliseconds since 1970. */
  readonly readAt: number;
};

/** Asks the servers themselves: what Patroni says of them is what its store remembers. */
export const servers = defineCollector({
  name: 'servers',
  source: 'pg_is_in_recovery()',
  metrics: {
    up: gauge('db_ha_server_up', 'Whether the server, asked by ourselves, answered (1) or not (0).', ['member']),
    writable: gauge('db_ha_server_writable', 'Whether it is a primary (1) or a standby (0), by its own account.', [
      'member',
    ]),
  },
  read: (session: ClusterSession, { facts }: Env<HaFacts>): Promise<ServersData> => {
    const nodes = session.nodes();
    const nameOf = (server: string): string => nodes.find((node) => node.server === server)?.name ?? server;
    return Promise.resolve({
      answered: facts.servers.flatMap(({ server, row }) =>
        row instanceof Problem ? [] : [{ member: nameOf(server), server, row }],
      ),
      silent: facts.servers.flatMap(({ server, row }) =>
        row instanceof Problem ? [{ member: nameOf(server), server, problem: row }] : [],
      ),
      nodes,
      addresses: session.servers.map(({ target: { name, host, port } }) => ({ server: name, host, port })),
      readAt: facts.readAt,
    });
  },
  publish: ({ answered, silent }: ServersData, m) => [
    ...silent.map(({ member }) => m.up({ member }, 0)),
    ...answered.flatMap(({ member, row }) => [m.up({ member }, 1), m.writable({ member }, row.in_recovery ? 0 : 1)]),
  ],
});
