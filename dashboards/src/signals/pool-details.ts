import type { Panel } from '@grafana/grafana-foundation-sdk/dashboard';
import { lines, NOT_MEASURED } from '../lib/panels';
import { INSTANCE, POOL, quantile, share, sumRate } from '../lib/promql';
import { over, rows } from '../lib/targets';
import { neutral, none } from '../lib/thresholds';
import { table } from '../lib/tables';
import { units } from '../lib/units';

export const times: Panel = lines({
  title: 'Mean transaction and statement, wait included',
  description:
    'Mean time of a transaction and of a statement as PgBouncer sees them. A transaction much longer than its statements sits idle in between: in transaction mode it holds its server meanwhile.',
  unit: units.seconds,
  targets: {
    transaction: over(
      share(
        sumRate('database', `db_pool_transaction_seconds_total{${POOL}}`),
        sumRate('database', `db_pool_transactions_total{${POOL}}`),
      ),
      'transaction {{database}}',
    ),
    query: over(
      share(
        sumRate('database', `db_pool_query_seconds_total{${POOL}}`),
        sumRate('database', `db_pool_queries_total{${POOL}}`),
      ),
      'statement {{database}}',
    ),
  },
});

export const perSecond: Panel = lines({
  title: 'Transactions and statements per second',
  description: 'What goes through, by database. Many statements per transaction keep a server linked for longer.',
  unit: units.perSecond,
  targets: {
    transactions: over(sumRate('database', `db_pool_transactions_total{${POOL}}`), 'transactions {{database}}'),
    queries: over(sumRate('database', `db_pool_queries_total{${POOL}}`), 'statements {{database}}'),
  },
});

export const bytes: Panel = lines({
  title: 'Traffic of clients',
  description:
    'Bytes per second from and to clients. A rise of what is sent without more statements is larger results.',
  unit: units.bytesPerSecond,
  targets: {
    received: over(sumRate('', `db_pool_received_bytes_total{${POOL}}`), 'received'),
    sent: over(sumRate('', `db_pool_sent_bytes_total{${POOL}}`), 'sent'),
  },
});

export const applications: Panel = lines(
  {
    title: 'Clients by application',
    description:
      'Who holds client connections, by application_name and state. One application that waits alone has a pool of its own that is too small.',
    unit: units.count,
    targets: {
      clients: over(
        `topk(10, sum by (application_name, state) (db_pool_clients{${POOL}}))`,
        '{{application_name}} {{state}}',
      ),
    },
  },
  { stack: true },
);

export const addresses: Panel = table({
  title: 'Servers by address',
  description:
    'Server connections by the address they really go to. After a failover all must go to the new primary; closing ones are replaced when they get free.',
  unit: units.count,
  targets: {
    servers: rows(`sum by (database, host, port, state) (db_pool_servers{${POOL}})`),
    closing: rows(`sum by (database, host, port, state) (db_pool_closing_servers{${POOL}})`),
  },
  columns: [
    { label: 'database', name: 'Database' },
    { label: 'host', name: 'Host' },
    { label: 'port', name: 'Port' },
    { label: 'state', name: 'State' },
    { query: 'servers', name: 'Connections' },
    { query: 'closing', name: 'Of them to be closed', thresholds: none('orange') },
  ],
});

export const ages: Panel = lines({
  title: 'Oldest connections',
  description:
    'Age of the oldest connection on either side. Servers are replaced at server_lifetime; one much older never gets free, so some client holds it.',
  unit: units.seconds,
  targets: {
    age: over(`max by (database, side) (db_pool_oldest_connection_seconds{${POOL}})`, '{{side}} {{database}}'),
    login: over(`max by (database) (db_pool_oldest_server_login_seconds{${POOL}})`, 'logging in {{database}}'),
  },
});

export const stale: Panel = lines({
  title: 'Stale server connections',
  description:
    'Server connections that are to be replaced, by reason. Some after a reload or a failover go away by themselves; those that stay are held by long transactions.',
  unit: units.count,
  targets: { stale: over(`sum by (database, reason) (db_pool_stale_servers{${POOL}})`, '{{database}} {{reason}}') },
});

export const acquire: Panel = lines(
  {
    title: 'A client’s first statement through the pool',
    description:
      'Our own probe: waiting for a server connection and a trivial statement, as a client feels it. High while statements are fast: the pool is what is slow.',
    unit: units.seconds,
    targets: Object.fromEntries(
      [0.5, 0.99].map((q) => [`P${q * 100}`, over(quantile(q, 'db_pool_acquire_seconds', INSTANCE), `P${q * 100}`)]),
    ),
    noValue: `${NOT_MEASURED}: the pool probe is off`,
  },
  { log: true },
);

export const prepared: Panel = lines({
  title: 'Prepared statements',
  description:
    'Prepared statements that clients hold and that are on server connections (1.21 and newer). Far more parses on servers than by clients: max_prepared_statements is too low.',
  unit: units.count,
  targets: {
    clients: over(`sum by (database) (db_pool_client_prepared_statements{${POOL}})`, 'clients {{database}}'),
    servers: over(`sum by (database) (db_pool_server_prepared_statements{${POOL}})`, 'servers {{database}}'),
  },
  noValue: 'needs PgBouncer 1.21 or newer',
});

export const memory: Panel = lines(
  {
    title: 'Memory of PgBouncer by kind',
    description: 'Memory that PgBouncer holds for its objects, used and free. It grows with clients and never shrinks.',
    unit: units.bytes,
    targets: { memory: over(`sum by (kind) (db_pool_memory_bytes{${INSTANCE}})`, '{{kind}}') },
  },
  { stack: true },
);

export const poolModes: Panel = table({
  title: 'Pools and their sizes',
  description:
    'How each pool works, its sizes, and the limit that it meets first if all load grows alike. In session mode a client keeps its server until it leaves.',
  unit: units.count,
  thresholds: neutral,
  targets: {
    info: rows(`max by (database, user, pool_mode) (db_pool_info{${POOL}})`),
    size: rows(
      `max by (database, user, pool_mode) (db_pool_info{${POOL}} * on (cluster, instance, database) group_left () db_pool_size{${POOL}})`,
    ),
    reserve: rows(
      `max by (database, user, pool_mode) (db_pool_info{${POOL}} * on (cluster, instance, database) group_left () db_pool_reserve_size{${POOL}})`,
    ),
    binding: rows(`group by (database, user, limit) (db_pool_binding_limit_info{${POOL}})`),
  },
  columns: [
    { label: 'database', name: 'Database' },
    { label: 'user', name: 'User' },
    { label: 'pool_mode', name: 'Mode' },
    { label: 'limit', name: 'Limit met first' },
    { query: 'size', name: 'Size' },
    { query: 'reserve', name: 'Reserve' },
  ],
});

export const poolSettings: Panel = table({
  title: 'Settings of PgBouncer',
  description: 'Numbers as SHOW CONFIG has them; absent when off or not in this version.',
  unit: units.count,
  targets: { numbers: rows(`max by (instance, setting) (db_pool_setting{${INSTANCE}})`) },
  columns: [
    { label: 'setting', name: 'Setting' },
    { label: 'instance', name: 'PgBouncer' },
    { query: 'numbers', name: 'Set to' },
  ],
});

export const poolTimeouts: Panel = table({
  title: 'Timeouts of PgBouncer',
  description:
    'Durations as SHOW CONFIG has them; absent when off. query_wait_timeout is how long a client may wait for a server.',
  unit: units.seconds,
  targets: { seconds: rows(`max by (instance, setting) (db_pool_setting_seconds{${INSTANCE}})`) },
  columns: [
    { label: 'setting', name: 'Setting' },
    { label: 'instance', name: 'PgBouncer' },
    { query: 'seconds', name: 'Set to', unit: units.seconds },
  ],
});
