import { createHash } from 'node:crypto';

/** A machine of its own, as far as the kernel can give one: a network namespace with an address and, if asked, a disk. */
export type HostPlan = { readonly name: string; readonly address: string; readonly disk?: DiskPlan };

/** A file system in a file: it can be full without the machine's being so. */
export type DiskPlan = { readonly image: string; readonly mountPoint: string; readonly megabytes: number };

/** Hosts on one switch, and where they are reached from: an address in the namespace the stack is started in. */
export type NetworkPlan = {
  /** The network device on our side. */
  readonly device: string;
  readonly address: string;
  readonly prefixLength: number;
  readonly hosts: readonly HostPlan[];
};

export type Subnet = { readonly address: number; readonly prefixLength: number };

const PREFIX = 24;
/** 10.64.0.0 to 10.127.255.0: neither where home routers nor where cloud networks usually begin. */
const CANDIDATES = 64 * 256;

export const toNumber = (address: string): number =>
  address.split('.').reduce((number, part) => number * 256 + Number(part), 0);

const toText = (address: number): string =>
  [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.');

const overlaps = (a: Subnet, b: Subnet): boolean => {
  const size = 2 ** (32 - Math.min(a.prefixLength, b.prefixLength));
  return Math.floor(a.address / size) === Math.floor(b.address / size);
};

/** What names a stack's devices: two stacks have two state directories. */
const idOf = (state: string): Buffer => createHash('sha256').update(state).digest();

export const deviceOf = (state: string): string => `sub-${idOf(state).toString('hex').slice(0, 8)}`;

/** `fixed` if it is free, else none; without it the first free /24 from where the state directory's name sends us. */
export const freeSubnet = (state: string, taken: readonly Subnet[], fixed?: string): string | undefined => {
  const isFree = (address: number): boolean =>
    !taken.some((subnet) => overlaps(subnet, { address, prefixLength: PREFIX }));
  if (fixed !== undefined) return isFree(toNumber(fixed)) ? fixed : undefined;
  const start = idOf(state).readUInt32BE(8) % CANDIDATES;
  const base = toNumber('10.64.0.0');
  for (let i = 0; i < CANDIDATES; i += 1) {
    const address = base + ((start + i) % CANDIDATES) * 256;
    if (isFree(address)) return toText(address);
  }
  return undefined;
};

export type HostWish = { readonly name: string; readonly disk?: DiskPlan };

/** Addresses in the subnet: ours is .1, the hosts' from .11 on. */
export const planNetwork = (state: string, subnet: string, hosts: readonly HostWish[]): NetworkPlan => {
  const at = (last: number): string => toText(toNumber(subnet) + last);
  return {
    device: deviceOf(state),
    address: at(1),
    prefixLength: PREFIX,
    hosts: hosts.map((host, i) => ({ ...host, address: at(11 + i) })),
  };
};
