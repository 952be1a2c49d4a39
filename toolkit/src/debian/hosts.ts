import { SubmilliError } from '@submilli/core';
import { freeSubnet } from '../hosts/plan';
import { takenSubnets } from '../hosts/taken';
import type { Created } from '../stack/created';
import type { Layout } from '../stack/layout';

/**
 * The subnet for the hosts of a stack; undefined for a stack without. What the first start chose stays: etcd remembers
 * its members by address. Throws a `SubmilliError` where hosts can't be.
 */
export const subnetFor = (layout: Layout, created: Created | undefined, wanted: boolean): string | undefined => {
  if (created !== undefined && created.subnet === undefined && wanted) {
    throw new SubmilliError({
      what: 'the cluster there was made without hosts',
      where: layout.state,
      hint: 'Start without --hosts, or give this one a place of its own with --state DIR.',
    });
  }
  if (created?.subnet === undefined && !wanted) return undefined;
  if (process.platform !== 'linux' || process.getuid?.() !== 0) {
    throw new SubmilliError({
      what: 'hosts are network namespaces of Linux, which only root may make',
      hint: 'Start it with sudo, or without --hosts: then everything is on 127.0.0.1.',
    });
  }
  const subnet = freeSubnet(layout.state, takenSubnets(), created?.subnet);
  if (subnet !== undefined) return subnet;
  throw new SubmilliError({
    what: `${created?.subnet ?? '10.64.0.0/10'}, where the hosts would be, is in use on this machine`,
    hint: 'See `ip route`; a first start with another --state DIR looks for another place.',
  });
};
