import { etcdPeerUrl, etcdUrl, type EtcdMember } from '../cluster/topology';
import { makeDir, writeFile } from '../stack/files';
import { getJson } from '../stack/http';
import type { Service } from '../stack/service';
import { renderReference } from '../stack/template';
import type { DebianContext } from './context';

const configOf = ({ layout }: DebianContext, { name }: EtcdMember): string => `${layout.state}/${name}.yml`;

export const prepareEtcd = (context: DebianContext): void => {
  const { layout, topology, account } = context;
  const cluster = topology.etcd.map((member) => `${member.name}=${etcdPeerUrl(member)}`).join(',');
  for (const member of topology.etcd) {
    makeDir(layout.dirOf(member.name), account);
    const text = renderReference('etcd/etcd.yml', {
      ...{ name: member.name, data_dir: layout.dirOf(member.name) },
      ...{ client_url: etcdUrl(member), peer_url: etcdPeerUrl(member), initial_cluster: cluster },
    });
    writeFile(configOf(context, member), text, account);
  }
};

export const etcdServices = (context: DebianContext): Service[] =>
  context.topology.etcd.map((member) => ({
    name: member.name,
    title: `etcd, member ${member.name}`,
    host: member.host,
    command: context.binaries.etcd,
    args: ['--config-file', configOf(context, member)],
    account: context.account,
    endpoints: [
      { what: 'etcd', url: etcdUrl(member), port: member.clientPort },
      { what: 'etcd, peers', url: etcdPeerUrl(member), port: member.peerPort },
    ],
    // Healthy is a member that knows a leader and can commit through it.
    ready: async (signal) => {
      const health = (await getJson(`${etcdUrl(member)}/health`, signal)) as { health?: unknown };
      if (String(health.health) !== 'true') throw new Error(`${member.name} says that it is not healthy`);
      return undefined;
    },
    readySeconds: 30,
  }));
