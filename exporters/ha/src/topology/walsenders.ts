import { isSameServer } from '@submilli/core';
import type { NamedServer, ServersData } from '../collectors/servers';
import type { Walsender } from '../servers/closer-look';

/** A walsender, and the member that it sends to. */
export type Stream = {
  readonly replica: string;
  /** Whether `replica` is a member of the cluster, and not only what the stream calls itself. */
  readonly isMember: boolean;
  /** The member that it sends from. */
  readonly upstream: string;
  readonly sender: Walsender;
};

/** A standby reports every 10 s (wal_receiver_status_interval); one that is silent for longer is gone or stopped. */
const FRESH_SECONDS = 25;

/**
 * Who is behind each walsender. A standby that we ask ourselves says under which name and slot it streams; of others
 * the application_name is all there is, which several may share.
 */
export const streamsOf = (
  upstream: NamedServer,
  senders: readonly Walsender[],
  { answered, nodes, addresses }: ServersData,
): readonly Stream[] => {
  const unclaimed = answered.filter((one) => isFedBy(one, upstream, addresses));
  const streams: Stream[] = [];
  const unknown: Walsender[] = [];
  for (const sender of withoutGhosts(senders)) {
    const candidates = unclaimed.filter(({ row, server }) => isSame(sender, row.receiver, hostOf(server, addresses)));
    // Several that can't be told apart answer for themselves.
    const [found] = candidates;
    const named = nodes.find(({ name }) => name === sender.application && !answered.some((one) => one.member === name));
    if (found !== undefined && candidates.length === 1) {
      unclaimed.splice(unclaimed.indexOf(found), 1);
      streams.push({ replica: found.member, isMember: true, upstream: upstream.member, sender });
    } else if (candidates.length === 0 && named !== undefined) {
      streams.push({ replica: named.name, isMember: true, upstream: upstream.member, sender });
    } else if (candidates.length === 0) {
      unknown.push(sender);
    }
  }
  const labels = labelsOf(unknown);
  return [
    ...streams,
    ...unknown.map((sender, i) => ({
      ...{ replica: labels[i] ?? sender.application, isMember: false, upstream: upstream.member, sender },
    })),
  ];
};

const hostOf = (server: string, addresses: ServersData['addresses']): string =>
  addresses.find((one) => one.server === server)?.host ?? '';

/** Whether a standby says that it receives from this server, or does not say from whom. */
const isFedBy = ({ row }: NamedServer, upstream: NamedServer, addresses: ServersData['addresses']): boolean => {
  const { receiver } = row;
  if (receiver === null) return false;
  const { host, port } = receiver;
  const own = addresses.find(({ server }) => server === upstream.server);
  const known = addresses.filter((one) => host !== null && port !== null && isSameServer(one, { host, port }));
  return own === undefined || known.length === 0 || known.some(({ server }) => server === own.server);
};

/** By its slot, which is its alone; without one by its name, and where it comes from if that tells. */
const isSame = (sender: Walsender, receiver: NamedServer['row']['receiver'], host: string): boolean => {
  if (receiver === null) return false;
  const slots = [sender.slot ?? '', receiver.slot ?? ''];
  if (slots[0] !== slots[1]) return false;
  if (slots[0] !== '') return true;
  if (receiver.application !== sender.application) return false;
  const isIp = /^[\d.]+$|:/.test(host);
  return !isIp || sender.address === null || isSameServer({ host, port: 0 }, { host: sender.address, port: 0 });
};

const keyOf = ({ application, slot, address }: Walsender): string => JSON.stringify([application, slot, address]);

/** A connection whose standby has opened another one since is kept until it times out. */
const withoutGhosts = (senders: readonly Walsender[]): readonly Walsender[] =>
  senders.filter((sender) => {
    const alike = senders.filter((other) => keyOf(other) === keyOf(sender));
    const isAlive = (one: Walsender): boolean => one.state === 'streaming' && (one.heard ?? 0) <= FRESH_SECONDS;
    return alike.length === 1 || (alike.some(isAlive) ? isAlive(sender) : alike[0] === sender);
  });

/** The application_name while it is one's alone; else with what tells them apart: slot, address, number. */
export const labelsOf = (senders: readonly Walsender[]): readonly string[] => {
  const place = ({ slot, address }: Walsender): string => slot ?? address ?? 'local';
  const isAlone = (sender: Walsender, same: (a: Walsender, b: Walsender) => boolean): boolean =>
    senders.filter((other) => same(sender, other)).length === 1;
  return senders.map((sender) => {
    if (isAlone(sender, (a, b) => a.application === b.application)) return sender.application;
    const name = `${sender.application}@${place(sender)}`;
    const alike = senders.filter((other) => `${other.application}@${place(other)}` === name);
    return alike.length === 1 ? name : `${name}#${alike.indexOf(sender) + 1}`;
  });
};
