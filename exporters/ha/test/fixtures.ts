import type { NamedServer, ServersData } from '../src/collectors/servers';
import type { Receiver, ServerRow, Walsender } from '../src/servers/closer-look';
import type { Node } from '../src/topology/nodes';

/** Rows as servers give them, with what a test is not about left at its most ordinary. */
export const senderOf = (more: Partial<Walsender> = {}): Walsender => ({
  ...{ application: 'pg2', address: '127.0.0.1', slot: null, state: 'streaming', sync_state: 'async', heard: 1 },
  ...{ physical: true, write_bytes: 0, flush_bytes: 0, replay_bytes: 0 },
  ...{ write_seconds: null, flush_seconds: null, replay_seconds: null },
  ...more,
});

export const receiverOf = (more: Partial<Receiver> = {}): Receiver => ({
  ...{ status: 'streaming', host: '127.0.0.1', port: 5432, slot: null, application: 'pg2' },
  ...more,
});

export const rowOf = (more: Partial<ServerRow> = {}): ServerRow => ({
  ...{ in_recovery: false, started: 1000, timeline: 1, system_identifier: '1', version: '15.18' },
  ...{ role_name: 'submilli', monitor: true, written: 100, received: null, replayed: null },
  ...{ receiver: null, walsenders: [], logical_slots: [] },
  ...more,
});

export const standbyOf = (member: string, receiver: Partial<Receiver> = {}, more: Partial<ServerRow> = {}) => ({
  ...{ member, server: member },
  row: rowOf({
    ...{ in_recovery: true, written: null, received: 100, replayed: 100, receiver: receiverOf(receiver) },
    ...more,
  }),
});

export const serversOf = (answered: readonly NamedServer[], more: Partial<ServersData> = {}): ServersData => ({
  ...{ answered, silent: [], readAt: 1_000_000 },
  nodes: answered.map(({ member, server }): Node => ({ name: member, api: null, server, listed: null })),
  addresses: answered.map(({ server }, i) => ({ server, host: '127.0.0.1', port: 5432 + i })),
  ...more,
});
