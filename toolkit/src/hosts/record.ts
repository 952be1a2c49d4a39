import { z } from 'zod';
import { processId } from '../stack/process-id';
import type { NetworkPlan } from './plan';

const hostRecord = z.object({
  name: z.string(),
  address: z.string(),
  /** Holds the namespaces open; everything that runs on the host is in its network and sees its mounts. */
  process: processId.nullable(),
  disk: z.object({ image: z.string(), mountPoint: z.string(), megabytes: z.number() }).nullable(),
});

/** The hosts of a stack as `state.json` has them. */
export const networkRecord = z.object({
  device: z.string(),
  /** Where what runs outside the hosts comes from. */
  address: z.string(),
  prefixLength: z.number(),
  /** Holds the namespace whose bridge joins the hosts. */
  switch: processId.nullable(),
  hosts: z.array(hostRecord),
});

export type HostRecord = z.output<typeof hostRecord>;
export type NetworkRecord = z.output<typeof networkRecord>;

export const firstRecord = ({ device, address, prefixLength, hosts }: NetworkPlan): NetworkRecord => ({
  ...{ device, address, prefixLength, switch: null },
  hosts: hosts.map((host) => ({ name: host.name, address: host.address, process: null, disk: host.disk ?? null })),
});
