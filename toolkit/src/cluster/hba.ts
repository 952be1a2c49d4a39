import { isIP } from 'node:net';
import { readReference } from '../stack/template';
import { parseHba } from './settings';
import type { ClusterSpec } from './spec';
import type { Member } from './topology';

/** One address; a name stays as it is, and PostgreSQL looks it up both ways. */
const single = (address: string): string => {
  const family = isIP(address);
  return family === 0 ? address : `${address}/${family === 4 ? 32 : 128}`;
};

/** The rules of cluster/postgresql/pg_hba.conf for one member: only it lets its own machine in as superuser. */
export const hbaOf = (spec: ClusterSpec, member: Member): string[] => {
  const { members, pools, proxies, clients, watchers, operators } = spec.topology;
  const placesOf = (...lists: readonly (readonly string[])[]): string[] => lists.flat().map(single);
  const addressesOf = (list: readonly { readonly address: string }[]): string[] => list.map(({ address }) => address);
  const text = readReference('postgresql/pg_hba.conf')
    .replaceAll('{{database}}', spec.database)
    .replaceAll('{{application}}', spec.application);
  return parseHba(text, {
    members: placesOf(addressesOf(members)),
    itself: placesOf([member.address]),
    operators: placesOf([member.address], operators),
    pools: placesOf(addressesOf(pools), addressesOf(proxies)),
    clients: placesOf(clients),
    watchers: placesOf(watchers),
  });
};
