import { isSameServer } from '@submilli/core';
import type { ClusterMember } from '../patroni/schema';

/** An address of Patroni's REST API, and what it has said of itself. */
export type Api = {
  readonly address: string;
  /** The member's name, which it tells from 3.0.3 on. */
  readonly name?: string | undefined;
  /** When its PostgreSQL was started, in seconds since 1970, to the microsecond. */
  readonly started?: number | undefined;
};

/** A server of the configuration, and when it was started, if that is known. */
export type ServerOf = {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly started?: number | undefined;
};

/**
 * One member of a cluster, whatever it is known by. `name` is Patroni's, else that of the configuration, else its API's
 * address.
 */
export type Node = {
  readonly name: string;
  readonly api: string | null;
  readonly server: string | null;
  readonly listed: ClusterMember | null;
};

/** Which API and which server belong together is told by what they say; once learnt it is not forgotten. */
export type Links = {
  /** Name of the member by the address of its API. */
  readonly memberOf: ReadonlyMap<string, string>;
  /** Name of the server by the name of its member. */
  readonly serverOf: ReadonlyMap<string, string>;
};

export const noLinks: Links = { memberOf: new Map(), serverOf: new Map() };

const hostOf = (address: string): string => address.replace(/:\d+$/, '').replace(/^\[|\]$/g, '');

const apiAddressOf = ({ api_url }: ClusterMember): string | null =>
  api_url === undefined || !URL.canParse(api_url) ? null : new URL(api_url).host;

/** Adds to the links what is now known. */
export const learn = (
  links: Links,
  apis: readonly Api[],
  servers: readonly ServerOf[],
  listed: readonly ClusterMember[],
): Links => {
  const memberOf = new Map(links.memberOf);
  for (const { address, name } of apis) {
    const own = name ?? listed.find((member) => apiAddressOf(member) === address)?.name;
    if (own !== undefined) memberOf.set(address, own);
  }
  const serverOf = new Map(links.serverOf);
  for (const { name, host, port } of listed) {
    const same = servers.find((server) => server.name === name) ?? servers.find((s) => isAt(s, host, port));
    if (same !== undefined) serverOf.set(name, same.name);
  }
  for (const { address, started } of apis) {
    // One start to the microsecond is one server.
    const same = started === undefined ? undefined : servers.find((server) => isSameStart(server.started, started));
    const member = memberOf.get(address);
    if (same !== undefined && member !== undefined) serverOf.set(member, same.name);
  }
  return { memberOf, serverOf };
};

const isAt = (server: ServerOf, host: string | undefined, port: number | undefined): boolean =>
  host !== undefined && port !== undefined && isSameServer(server, { host, port });

export const isSameStart = (a: number | undefined, b: number | undefined): boolean =>
  a !== undefined && b !== undefined && Math.abs(a - b) < 0.00001;

/** All members that the configuration or Patroni names, each once. */
export const nodesOf = (
  links: Links,
  apis: readonly string[],
  servers: readonly ServerOf[],
  listed: readonly ClusterMember[],
): readonly Node[] => {
  const nodes = new Map<string, Node>();
  const taken = new Set<string>();
  const add = (name: string, more: Partial<Node>): void => {
    const before = nodes.get(name) ?? { name, api: null, server: null, listed: null };
    nodes.set(name, { ...before, ...more });
    if (more.server !== undefined && more.server !== null) taken.add(more.server);
  };
  for (const member of listed) add(member.name, { listed: member });
  for (const address of apis) add(links.memberOf.get(address) ?? address, { api: address });
  for (const { name } of nodes.values()) {
    const server = links.serverOf.get(name) ?? servers.find((one) => one.name === name)?.name;
    if (server !== undefined) add(name, { server });
  }
  for (const { name, api } of nodes.values()) {
    const alone = api === null ? undefined : aloneOn(hostOf(api), apis, servers);
    if (nodes.get(name)?.server === null && alone !== undefined && !taken.has(alone)) add(name, { server: alone });
  }
  for (const { name } of servers) if (!taken.has(name)) add(name, { server: name });
  return [...nodes.values()];
};

/** Whether a member went by this name only until its own was known. */
export const isAlias = (name: string, nodes: readonly Node[]): boolean =>
  nodes.some((node) => node.api === name || (node.server === name && node.name !== name));

/** Where nothing else tells: the only server on the host of the only API there. */
const aloneOn = (host: string, apis: readonly string[], servers: readonly ServerOf[]): string | undefined => {
  const here = servers.filter((server) => isSameServer({ host: server.host, port: 0 }, { host, port: 0 }));
  return here.length === 1 && apis.filter((other) => hostOf(other) === host).length === 1 ? here[0]?.name : undefined;
};
