import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serverAccount, startPostgres } from '@submilli/local-postgres';
import { makeRole, PASSWORD } from '../../../exporters/core/test/watching';
import { startPgbouncer } from '../../../exporters/pool/test/postgres/pgbouncer';
import { users } from '../../../exporters/pool/test/postgres/watching';
import { makeCertificates } from './certificates';
import { mountSmallDisk } from './disk';
import { ports, PASSWORD as SCRAPE_PASSWORD, startExporters, USER } from './exporters';
import { startNetwork } from './network';
import { startHa } from './patroni';
import { startPrometheus } from './prometheus';
import { type Dialect, startProxy } from './proxy';

const HOST = '127.0.0.1';
export const CLUSTER = 'fire';

/** Who can be cut off from the exporters. `server` is the one that Patroni runs. */
const cables = ['postgresql', 'pgbouncer', 'patroni', 'server', 'etcd', 'watchers'] as const;

/** Everything under fire, as real processes: each cell of the table hurts one of them, and mends it. */
export const startWorld = async () => {
  const root = mkdtempSync(join(tmpdir(), 'submilli-fire-'));
  chmodSync(root, 0o755);
  const ends: (() => unknown)[] = [() => rmSync(root, { recursive: true, force: true })];
  const close = async (): Promise<void> => {
    for (const end of ends.reverse().splice(0)) await end();
  };
  const keep = <T>(made: T, end: (made: T) => unknown): T => {
    ends.push(() => end(made));
    return made;
  };
  try {
    const account = serverAccount();
    const network = keep(await startNetwork(cables), ({ stop }) => stop());
    const addresses = cables.flatMap((name) => [network.cable(name).near, network.cable(name).far]);
    const certificates = makeCertificates(join(root, 'tls'), [HOST, ...addresses], account);
    const tls = { ssl: 'on', ssl_cert_file: certificates.owned.cert, ssl_key_file: certificates.owned.key };
    const starting = startHa({ directory: root, certificates, account, password: PASSWORD }).then((made) =>
      keep(made, ({ stop }) => stop()),
    );
    const postgres = keep(await startPostgres({ major: 15, settings: tls }), ({ stop }) => stop('immediate'));
    await makeRole(postgres);
    const pgbouncer = keep(await startPgbouncer(postgres, users), ({ remove }) => remove());
    const ha = await starting;

    const proxyTo = async (name: (typeof cables)[number], port: number, dialect: Dialect) => {
      const options = { host: network.cable(name).near, upstream: { host: HOST, port }, dialect, certificates };
      return keep(await startProxy(options), (proxy) => proxy.close());
    };
    const proxies = {
      postgresql: await proxyTo('postgresql', postgres.port, 'postgres'),
      pgbouncer: await proxyTo('pgbouncer', pgbouncer.port, 'postgres without TLS'),
      patroni: await proxyTo('patroni', ha.rest, 'https'),
      etcd: await proxyTo('etcd', ha.store, 'https'),
      server: await proxyTo('server', ha.port, 'postgres without TLS'),
    };
    const { far } = network.cable('watchers');
    const exporter = keep(
      await startProxy({ host: HOST, upstream: { host: far, port: ports.pool }, dialect: 'https', certificates }),
      (proxy) => proxy.close(),
    );

    const password_file = join(root, 'pool-password');
    const setPoolPassword = (password: string): void => writeFileSync(password_file, password);
    setPoolPassword(users.submilli);
    const at = ({ host, port }: { readonly host: string; readonly port: number }) => ({ host, port });
    const targets = (more: { readonly pgbouncer?: object } = {}) => ({
      postgres: [
        {
          ...{ name: 'pg', ...at(proxies.postgresql), password: PASSWORD },
          ...{ sslmode: 'verify-full', sslrootcert: certificates.ca },
        },
        { name: 'pg1', ...at(proxies.server), password: PASSWORD, sslmode: 'disable' },
      ],
      pgbouncer: [{ name: 'pool', ...at(proxies.pgbouncer), password_file, sslmode: 'disable', ...more.pgbouncer }],
      clusters: [
        {
          ...{ name: CLUSTER, postgres: ['pg1'], patroni_ca_file: certificates.ca, etcd_ca_file: certificates.ca },
          patroni: [`https://${proxies.patroni.host}:${proxies.patroni.port}`],
          etcd: [`https://${proxies.etcd.host}:${proxies.etcd.port}`],
        },
      ],
    });
    const stateDirectory = join(root, 'state');
    mkdirSync(stateDirectory);
    const disk = keep(mountSmallDisk(stateDirectory), ({ remove }) => remove());
    const exporters = keep(
      await startExporters({
        ...{ directory: join(root, 'exporters'), stateDirectory, certificates, inside: network.inside, host: far },
        targets: targets(),
      }),
      ({ kill }) => kill(),
    );
    const address = `${exporter.host}:${exporter.port}`;
    const prometheus = keep(
      await startPrometheus({
        ...{ directory: join(root, 'prometheus'), ca: certificates.ca, user: USER, password: SCRAPE_PASSWORD },
        targets: [
          { address: `${far}:${ports.database}`, labels: { cluster: CLUSTER, target: 'pg' } },
          { address, labels: { cluster: CLUSTER, target: 'pool' } },
          { address: `${far}:${ports.ha}`, labels: { cluster: CLUSTER } },
        ],
      }),
      ({ stop }) => stop(),
    );
    const asked = keep(
      await startProxy({
        ...{ host: HOST, upstream: { host: HOST, port: prometheus.port }, dialect: 'http', certificates },
      }),
      (proxy) => proxy.close(),
    );
    return {
      ...{
        network,
        certificates,
        postgres,
        pgbouncer,
        ha,
        proxies: { ...proxies, exporter, prometheus: asked },
        disk,
        exporters,
      },
      ...{ prometheus, targets, setPoolPassword, close },
    };
  } catch (error) {
    await close().catch(() => undefined);
    throw error;
  }
};

export type World = Awaited<ReturnType<typeof startWorld>>;
