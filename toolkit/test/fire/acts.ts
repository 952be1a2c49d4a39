import { Client } from 'pg';
import { PASSWORD } from '../../../exporters/core/test/watching';
import { users } from '../../../exporters/pool/test/postgres/watching';
import type { Component, Fault, TlsFailure } from '../../src/fire/cell';
import { PASSWORD as SCRAPE_PASSWORD } from './exporters';
import type { World } from './world';

/** Takes back what was done. */
export type Mend = () => unknown;

/** What stands between takes connections, and where nobody listens any more there are none to be had. */
const gone = async (world: World, component: InBetween, start: Mend): Promise<Mend> => {
  await world.proxies[component].set('refuse');
  return async () => {
    await start();
    await world.proxies[component].set(undefined);
  };
};

type Act = (world: World, tls: TlsFailure | undefined) => Promise<Mend> | Mend;

type Watched = 'postgresql' | 'pgbouncer' | 'patroni' | 'etcd' | 'exporter';
/** Of those that are asked by a command there is no cable. */
type InBetween = Watched | 'prometheus';

const inBetween =
  (component: InBetween, trouble: 'refuse' | 'reset' | 'slow' | 'garbage'): Act =>
  async ({ proxies }) => {
    await proxies[component].set(trouble);
    return () => proxies[component].set(undefined);
  };

const badTls =
  (component: InBetween): Act =>
  async ({ proxies }, tls) => {
    await proxies[component].set(tls);
    return () => proxies[component].set(undefined);
  };

const cutOff =
  (component: Exclude<Watched, 'exporter'> | 'watchers'): Act =>
  async ({ network }) => {
    const cable = network.cable(component);
    await cable.cut();
    return cable.mend;
  };

/** What strangers and the network do is done by what stands between: the same for all. */
const fromOutside = (component: Watched): Partial<Record<Fault, Act>> => ({
  refuse: inBetween(component, 'refuse'),
  reset: inBetween(component, 'reset'),
  slow: inBetween(component, 'slow'),
  garbage: inBetween(component, 'garbage'),
  tls: badTls(component),
  network: cutOff(component === 'exporter' ? 'watchers' : component),
});

const dropSessions = `SELECT pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity WHERE usename = 'submilli'`;

const onConsole = async ({ pgbouncer }: World, command: string): Promise<void> => {
  const client = new Client({
    ...{ host: '127.0.0.1', port: pgbouncer.port, user: 'pgbouncer', password: users.pgbouncer, database: 'pgbouncer' },
  });
  await client.connect();
  try {
    await client.query(command);
  } finally {
    await client.end();
  }
};

const postgresql: Partial<Record<Fault, Act>> = {
  ...fromOutside('postgresql'),
  kill: async (world) => {
    await world.postgres.kill();
    return gone(world, 'postgresql', () => world.postgres.restart());
  },
  stop: ({ postgres }) => {
    postgres.pause();
    return postgres.resume;
  },
  password: async ({ postgres }) => {
    await postgres.query(`ALTER ROLE submilli PASSWORD 'another'`);
    await postgres.query(dropSessions);
    return () => postgres.query(`ALTER ROLE submilli PASSWORD '${PASSWORD}'`);
  },
  permission: async ({ postgres }) => {
    await postgres.query('REVOKE pg_monitor FROM submilli');
    return () => postgres.query('GRANT pg_monitor TO submilli');
  },
};

const pgbouncer: Partial<Record<Fault, Act>> = {
  ...fromOutside('pgbouncer'),
  // PgBouncer itself speaks no TLS here: this is what it says to who wants it.
  tls: async ({ exporters, targets }) => {
    await exporters.reconfigure(targets({ pgbouncer: { sslmode: 'require' } }));
    return () => exporters.reconfigure(targets());
  },
  kill: async (world) => {
    await world.pgbouncer.kill();
    return gone(world, 'pgbouncer', world.pgbouncer.start);
  },
  stop: (world) => {
    world.pgbouncer.pause();
    return world.pgbouncer.resume;
  },
  password: ({ proxies, setPoolPassword }) => {
    setPoolPassword('another');
    proxies.pgbouncer.drop();
    return () => setPoolPassword(users.submilli);
  },
  permission: async (world) => {
    const change = async (from: string, to: string): Promise<void> => {
      await world.pgbouncer.rewrite(`stats_users = ${from}`, `stats_users = ${to}`);
      await onConsole(world, 'RELOAD');
      world.proxies.pgbouncer.drop();
    };
    await change('submilli', 'nobody');
    return () => change('nobody', 'submilli');
  },
};

const patroni: Partial<Record<Fault, Act>> = {
  ...fromOutside('patroni'),
  kill: async (world) => {
    await world.ha.patroni.kill();
    return gone(world, 'patroni', world.ha.patroni.start);
  },
  stop: ({ ha }) => {
    ha.patroni.signal('SIGSTOP');
    return () => ha.patroni.signal('SIGCONT');
  },
};

const etcd: Partial<Record<Fault, Act>> = {
  ...fromOutside('etcd'),
  kill: async (world) => {
    await world.ha.etcd.kill();
    return gone(world, 'etcd', world.ha.etcd.start);
  },
  stop: ({ ha }) => {
    ha.etcd.signal('SIGSTOP');
    return () => ha.etcd.signal('SIGCONT');
  },
  disk: async ({ ha }) => {
    await ha.alarm('ACTIVATE');
    return () => ha.alarm('DEACTIVATE');
  },
};

const exporter: Partial<Record<Fault, Act>> = {
  ...fromOutside('exporter'),
  kill: async (world) => {
    const { exporters } = world;
    await exporters.kill();
    return gone(world, 'exporter', async () => {
      exporters.start();
      await exporters.whole();
    });
  },
  stop: ({ exporters }) => {
    exporters.signal('SIGSTOP');
    return () => exporters.signal('SIGCONT');
  },
  password: ({ prometheus }) => {
    prometheus.setPassword('another');
    return () => prometheus.setPassword(SCRAPE_PASSWORD);
  },
  disk: ({ disk }) => {
    disk.fill();
    return disk.free;
  },
};

const prometheus: Partial<Record<Fault, Act>> = {
  ...{ refuse: inBetween('prometheus', 'refuse'), reset: inBetween('prometheus', 'reset') },
  ...{ garbage: inBetween('prometheus', 'garbage'), tls: badTls('prometheus') },
  kill: async (world) => {
    await world.prometheus.kill();
    return gone(world, 'prometheus', world.prometheus.restart);
  },
};

const acts: Partial<Record<Component, Partial<Record<Fault, Act>>>> = {
  ...{ postgresql, pgbouncer, patroni, etcd, exporter, prometheus },
};

/** Does to a component what the table says, and gives back what mends it. */
export const begin = async (
  world: World,
  { component, fault, tls }: { readonly component: Component; readonly fault: Fault; readonly tls?: TlsFailure },
): Promise<Mend> => {
  const act = acts[component]?.[fault];
  if (act === undefined) throw new Error(`nobody knows how to do this to ${component}: ${fault}`);
  return act(world, tls);
};
