import { clusterMember } from '../patroni/schema';
import { isAlias, learn, noLinks, nodesOf, type ServerOf } from './nodes';

const listed = (name: string, port: number) =>
  clusterMember.parse({
    ...{ name, role: 'replica', state: 'running', host: '127.0.0.1', port },
    api_url: `http://127.0.0.1:${port + 2576}/patroni`,
  });
const servers: readonly ServerOf[] = [
  { name: 'a', host: 'localhost', port: 5432 },
  { name: 'b', host: '127.0.0.1', port: 5433 },
];
const apis = ['127.0.0.1:8008', '127.0.0.1:8009'];
const named = apis.map((address) => ({ address }));
const short = (nodes: ReturnType<typeof nodesOf>) => nodes.map(({ name, api, server }) => [name, api, server]);

describe('members, their APIs and their servers', () => {
  it('belong together by the addresses in Patroni’s list, whatever the configuration calls them', () => {
    const list = [listed('pg1', 5432), listed('pg2', 5433)];
    const links = learn(noLinks, named, servers, list);
    expect(short(nodesOf(links, apis, servers, list))).toEqual([
      ['pg1', '127.0.0.1:8008', 'a'],
      ['pg2', '127.0.0.1:8009', 'b'],
    ]);
  });

  it('stay together after Patroni has forgotten one of them', () => {
    const links = learn(noLinks, named, servers, [listed('pg1', 5432), listed('pg2', 5433)]);
    expect(short(nodesOf(links, apis, servers, [listed('pg2', 5433)]))).toEqual([
      ['pg2', '127.0.0.1:8009', 'b'],
      ['pg1', '127.0.0.1:8008', 'a'],
    ]);
  });

  it('belong together by the moment that PostgreSQL was started, where addresses differ', () => {
    const elsewhere = servers.map((server, i) => ({ ...server, host: `db${i}.example`, started: 1000.000001 + i }));
    const told = [{ address: '127.0.0.1:8008', name: 'pg1', started: 1001.000001 }];
    const links = learn(noLinks, told, elsewhere, []);
    expect(short(nodesOf(links, ['127.0.0.1:8008'], elsewhere, []))).toEqual([
      ['pg1', '127.0.0.1:8008', 'b'],
      ['a', null, 'a'],
    ]);
  });

  it('belong together by their host where nothing has answered yet and each host has one of each', () => {
    const apart = servers.map((server, i) => ({ ...server, host: `db${i}` }));
    expect(short(nodesOf(noLinks, ['db0:8008', 'db1:8008'], apart, []))).toEqual([
      ['db0:8008', 'db0:8008', 'a'],
      ['db1:8008', 'db1:8008', 'b'],
    ]);
    expect(short(nodesOf(noLinks, apis, servers, []))).toHaveLength(4);
  });

  it('are those of the configuration alone, where there is no Patroni', () => {
    expect(short(nodesOf(noLinks, [], servers, []))).toEqual([
      ['a', null, 'a'],
      ['b', null, 'b'],
    ]);
  });

  it('that went by the name of their API or server until their own was known are the same', () => {
    const list = [listed('pg1', 5432)];
    const unknown = nodesOf(noLinks, apis, servers, []);
    expect(unknown.filter(({ name }) => isAlias(name, unknown)).map(({ name }) => name)).toEqual(apis);
    const links = learn(noLinks, [{ address: '127.0.0.1:8008', name: 'pg1' }], servers, list);
    const known = nodesOf(links, apis, servers, list);
    expect(['127.0.0.1:8008', 'a', 'pg1'].map((name) => isAlias(name, known))).toEqual([true, true, false]);
  });
});
