import { etcdYml } from '../cluster/files';
import { etcdMetricsUrl, etcdPeerUrl, etcdUrl, type EtcdMember } from '../cluster/topology';
import { makeDir, writeFile } from '../stack/files';
import { getJson } from '../stack/http';
import type { Service } from '../stack/service';
import type { DebianContext } from './context';
import { specOf } from './spec';

const configOf = ({ layout }: DebianContext, { name }: EtcdMember): string => `${layout.state}/${name}.yml`;

export const prepareEtcd = (context: DebianContext): void => {
  const { layout, topology, account } = context;
  for (const member of topology.etcd) {
    makeDir(layout.dirOf(member.name), account);
    writeFile(configOf(context, member), etcdYml(specOf(context), member), account);
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
      { what: 'etcd, metrics', url: `${etcdMetricsUrl(member)}/metrics`, port: member.metricsPort },
    ],
    // Healthy is a member that knows a leader and can commit through it.
    ready: async (signal) => {
      const health = (await getJson(`${etcdMetricsUrl(member)}/health`, signal)) as { health?: unknown };
      if (String(health.health) !== 'true') throw new Error(`${member.name} says that it is not healthy`);
      return undefined;
    },
    readySeconds: 30,
  }));
