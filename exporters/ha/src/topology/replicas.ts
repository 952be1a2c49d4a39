import { isSameServer } from '@submilli/core';
import type { NamedServer, ServersData } from '../collectors/servers';
import type { Stream } from './walsenders';

/** How far behind a replica is. Null is "not known". */
export type Lag = {
  readonly writeBytes: number | null;
  readonly flushBytes: number | null;
  readonly replayBytes: number | null;
  readonly writeSeconds: number | null;
  readonly flushSeconds: number | null;
  readonly replaySeconds: number | null;
};

export type Replica = {
  readonly name: string;
  readonly connected: boolean;
  /** Of what it streams from: the primary, or in a cascade another replica. */
  readonly upstream: string | null;
  readonly state: string | null;
  /** async, potential, sync or quorum, by the primary's account; null for one that does not stream from it. */
  readonly sync: string | null;
  readonly lag: Lag | null;
};

/**
 * PostgreSQL forgets a lag in seconds when nothing is written. With no byte outstanding that is a lag of zero;
 * otherwise it is unknown, and unknown is absent.
 */
export const lagSeconds = (seconds: number | null, bytes: number | null): number | null =>
  seconds ?? (bytes !== null && bytes <= 0 ? 0 : null);

const ofStream = ({ replica, upstream, sender }: Stream): Replica => ({
  name: replica,
  connected: sender.state === 'streaming',
  upstream,
  state: sender.state,
  sync: sender.sync_state === '' ? null : sender.sync_state,
  lag: {
    writeBytes: sender.write_bytes,
    flushBytes: sender.flush_bytes,
    replayBytes: sender.replay_bytes,
    writeSeconds: lagSeconds(sender.write_seconds, sender.write_bytes),
    flushSeconds: lagSeconds(sender.flush_seconds, sender.flush_bytes),
    replaySeconds: lagSeconds(sender.replay_seconds, sender.replay_bytes),
  },
});

/** A replica that the primary does not send to: by where it says itself that it is, against where the primary is. */
const ofStandby = ({ member, row }: NamedServer, primary: NamedServer | undefined, data: ServersData): Replica => {
  const behind = (position: number | null): number | null => {
    const written = primary?.row.written ?? null;
    return position === null || written === null ? null : Math.max(0, written - position);
  };
  const [flushBytes, replayBytes] = [behind(row.received), behind(row.replayed)];
  return {
    name: member,
    connected: row.receiver?.status === 'streaming',
    upstream: upstreamOf(row.receiver, data),
    state: row.receiver?.status ?? null,
    sync: null,
    lag: {
      ...{ writeBytes: null, flushBytes, replayBytes, writeSeconds: null },
      flushSeconds: lagSeconds(null, flushBytes),
      replaySeconds: lagSeconds(null, replayBytes),
    },
  };
};

const upstreamOf = (receiver: NamedServer['row']['receiver'], { addresses, nodes }: ServersData): string | null => {
  const { host, port } = receiver ?? { host: null, port: null };
  if (host === null || port === null) return null;
  const server = addresses.find((one) => isSameServer(one, { host, port }))?.server;
  const listed = nodes.find((node) =>
    server === undefined
      ? isSameServer({ host: node.listed?.host ?? '?', port: node.listed?.port ?? 0 }, { host, port })
      : node.server === server,
  );
  return listed?.name ?? server ?? `${host}:${port}`;
};

/** Every physical replica that streams from anywhere in the cluster, and every standby that answers and does not. */
export const replicasOf = (
  primary: string | null,
  ofPrimary: readonly Stream[],
  ofStandbys: readonly Stream[],
  data: ServersData,
): readonly Replica[] => {
  const replicas = new Map<string, Replica>();
  for (const stream of ofPrimary) replicas.set(stream.replica, ofStream(stream));
  const head = data.answered.find(({ member }) => member === primary);
  for (const standby of data.answered) {
    if (standby.row.in_recovery && replicas.get(standby.member)?.connected !== true) {
      replicas.set(standby.member, ofStandby(standby, head, data));
    }
  }
  for (const stream of ofStandbys) {
    const { replica, sender } = stream;
    // Its upstream may itself be behind: what it says of the lag is not the whole of it.
    if (sender.physical && !replicas.has(replica))
      replicas.set(replica, { ...ofStream(stream), sync: null, lag: null });
  }
  return [...replicas.values()];
};
