import { makeDir, writeFile } from '../stack/files';
import { getJson } from '../stack/http';
import type { Service } from '../stack/service';
import { renderReference } from '../stack/template';
import type { DebianContext } from './context';

const URL = 'http://127.0.0.1:2379';

export const prepareEtcd = ({ layout, account }: DebianContext): void => {
  makeDir(layout.dirOf('etcd'), account);
  writeFile(configOf(layout.state), renderReference('etcd/etcd.yml', { state: layout.state }), account);
};

const configOf = (state: string): string => `${state}/etcd.yml`;

export const etcdService = ({ layout, binaries, account }: DebianContext): Service => ({
  name: 'etcd',
  title: 'etcd',
  command: binaries.etcd,
  args: ['--config-file', configOf(layout.state)],
  account,
  endpoints: [
    { what: 'etcd', url: URL, port: 2379 },
    { what: 'etcd, peers', url: 'http://127.0.0.1:2380', port: 2380 },
  ],
  ready: async (signal) => {
    const health = (await getJson(`${URL}/health`, signal)) as { health?: unknown };
    if (String(health.health) !== 'true') throw new Error(`etcd says that it is not healthy`);
    return undefined;
  },
  readySeconds: 30,
});
