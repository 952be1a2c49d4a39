import { effectiveTimers } from '@submilli/core';
import { secondsText } from '../../parse/quantity';
import type { Place } from '../../parse/place';
import { example, type Example, type Hit, type Rule } from '../../rule';
import { filesOf, type PgbouncerFile, type Scene } from '../../scene';
import { accessesOf, isFromHere } from '../../view/access';
import { databasesOf, listOf, optionOf, poolsOf, setOption } from '../../view/pool';
import { dynamicsOf, timersOf } from '../../view/patroni';
import { serversOf, valueOf } from '../../view/server';
import { keepaliveSeconds } from '../pgbouncer/peers';

/** Who can come through a pool: the users of its userlist but for those of the console; one where nobody is listed. */
const rolesOf = (scene: Scene, file: PgbouncerFile): number => {
  const console = [...listOf(optionOf(file, 'admin_users').text), ...listOf(optionOf(file, 'stats_users').text)];
  const users = filesOf(scene, 'userlist').flatMap((list) => list.users.map(({ name }) => name.text));
  return Math.max(1, new Set(users.filter((user) => !console.includes(user))).size);
};

type Demand = { readonly connections: number; readonly sum: string; readonly at: Place };

/** What a pool may open in its servers; its reserve is for moments. */
const demandOf = (scene: Scene, file: PgbouncerFile, withReserve = true): Demand => {
  const [size, reserve, most] = ['default_pool_size', 'reserve_pool_size', 'max_db_connections'].map(
    (name) => optionOf(file, name).number,
  );
  const roles = rolesOf(scene, file);
  // A pool whose only databases are included from elsewhere has at least one.
  const found = databasesOf(file);
  const databases =
    found.length === 0 ? [new Map<string, { readonly text: string }>()] : found.map(({ parts }) => parts);
  const each = databases.map((parts) => {
    const number = (name: string, other: number): number => Number(parts.get(name)?.text ?? other);
    const users = parts.has('user') ? 1 : roles;
    const wanted = users * (number('pool_size', size ?? 20) + (withReserve ? number('reserve_pool', reserve ?? 0) : 0));
    const limit = number('max_db_connections', most ?? 0);
    return limit > 0 ? Math.min(limit, wanted) : wanted;
  });
  const sum = `${databases.length} database(s) * ${roles} role(s) * (${size ?? 0} + reserve ${reserve ?? 0})`;
  return { connections: each.reduce((a, b) => a + b, 0), sum, at: optionOf(file, 'default_pool_size').at };
};

/** Sessions that work at once where all come through pools; undefined where no pool is there. */
export const pooledSessions = (scene: Scene): number | undefined => {
  const pools = poolsOf(scene);
  if (pools.length === 0) return undefined;
  return pools.reduce((sum, file) => sum + demandOf(scene, file, false).connections, 0);
};

/** The most that a failover takes, as its timers have it: the lock ends, and a moment for the election and the promotion. */
const PROMOTION_SECONDS = 2;

const versions = { pgbouncer: '1.18', postgresql: 15 };
const both = (pool: string, server: string, patroni?: string): Example =>
  example(
    {
      pgbouncer: `[databases]\napp = host=10.0.0.1\n\n[pgbouncer]\n${pool}\n`,
      postgresql: `${server}\n`,
      ...(patroni === undefined ? {} : { patroni }),
    },
    { versions },
  );
const timers = (ttl: number): string => `bootstrap:\n  dcs:\n    ttl: ${ttl}\n    loop_wait: 1\n    retry_timeout: 3\n`;

export const poolsAcross: readonly Rule[] = [
  {
    id: 'across-pools-exceed-server',
    title: 'The pools may open more connections than the server has',
    ...{ severity: 'error', kinds: ['pgbouncer', 'postgresql', 'patroni', 'userlist'], fixable: false },
    source:
      'PgBouncer, pgbouncer.ini(5): default_pool_size (for each database and role); PostgreSQL, Connections: max_connections',
    why: 'default_pool_size is for each pair of database and role. When all are busy the server refuses the next: "too many clients already", for the pools, for people and for those who watch.',
    fix: 'pairs * (pool + reserve) of all pools + what connects directly + superuser_reserved_connections <= max_connections; or max_db_connections, which bounds a database for all roles.',
    bad: both('default_pool_size = 100\nreserve_pool_size = 10', 'max_connections = 100'),
    good: both('default_pool_size = 20\nreserve_pool_size = 5', 'max_connections = 100'),
    check: (scene) => {
      const demands = poolsOf(scene).map((file) => demandOf(scene, file));
      const wanted = demands.reduce((sum, { connections }) => sum + connections, 0);
      const first = demands[0];
      if (first === undefined) return [];
      return serversOf(scene)
        .slice(0, 1)
        .flatMap((server): Hit[] => {
          const [most, kept] = [valueOf(server, 'max_connections'), valueOf(server, 'superuser_reserved_connections')];
          if (most === undefined || Number.isNaN(most.number)) return [];
          const room = most.number - (kept?.number ?? 3);
          if (wanted <= room) return [];
          const says = `the pools may open ${demands.map(({ sum }) => sum).join(' + ')} = ${wanted} connections; the server has room for ${room}`;
          return [{ at: first.at, says, see: [{ at: most.at, says: `max_connections ${most.number}` }] }];
        });
    },
  },
  {
    id: 'across-server-exceeds-pools',
    title: 'max_connections is many times what the pools open',
    ...{ severity: 'info', kinds: ['pgbouncer', 'postgresql', 'patroni', 'userlist'], fixable: false },
    source: 'PostgreSQL, Connections: max_connections',
    why: 'Behind a pool the limit is what stops clients that go round it. Far above the sum of the pools it stops nobody.',
    fix: 'max_connections = the sum of the pools + some 30 for people, exporters and replication.',
    bad: both('default_pool_size = 20', 'max_connections = 1000'),
    good: both('default_pool_size = 20', 'max_connections = 100'),
    check: (scene) => {
      const pools = poolsOf(scene);
      const wanted = pools.reduce((sum, file) => sum + demandOf(scene, file).connections, 0);
      if (pools.length === 0) return [];
      return serversOf(scene)
        .slice(0, 1)
        .flatMap((server): Hit[] => {
          const most = valueOf(server, 'max_connections');
          if (most === undefined || !(most.number > Math.max(200, 3 * (wanted + 30)))) return [];
          return [
            { at: most.at, says: `the pools open ${wanted} connections at most, and ${most.number} are allowed` },
          ];
        });
    },
  },
  {
    id: 'across-queue-failover',
    title: 'Clients are told before the failover is over',
    ...{ severity: 'warning', kinds: ['pgbouncer', 'patroni'], fixable: true },
    source: 'PgBouncer: query_wait_timeout; Patroni: ttl; measured on the reference cluster',
    why: 'A lost machine is replaced when its lock ends, after ttl. A client that waits in the pool’s queue for less gets an error; one that waits for longer only gets a pause.',
    fix: 'query_wait_timeout = ttl + 5; or bear the errors, and say so in a comment.',
    bad: both('query_wait_timeout = 10', '', timers(20)),
    good: both('query_wait_timeout = 25', '', timers(20)),
    check: (scene) =>
      dynamicsOf(scene)
        .slice(0, 1)
        .flatMap((dynamic) => {
          const used = effectiveTimers(timersOf(dynamic), scene.versions.patroni ?? '3.2.0');
          const longest = used.ttl + PROMOTION_SECONDS;
          return poolsOf(scene).flatMap((file): Hit[] => {
            const wait = optionOf(file, 'query_wait_timeout');
            if (!(wait.number > 0 && wait.number < longest)) return [];
            const ttl = dynamic.tree.entries.get('ttl')?.place ?? dynamic.tree.place;
            return [
              {
                at: wait.at,
                says: `clients are thrown out after ${wait.number} s; a lost machine is replaced after some ${longest} s (ttl ${used.ttl})`,
                see: [{ at: ttl, says: 'ttl' }],
                edit: setOption(file, 'query_wait_timeout', String(used.ttl + 5)),
              },
            ];
          });
        }),
  },
  {
    id: 'across-keepalive-failover',
    title: 'The pool notices a lost server after the failover is long over',
    ...{ severity: 'warning', kinds: ['pgbouncer', 'patroni'], fixable: false },
    source: 'PgBouncer: tcp_keepidle, tcp_keepintvl, tcp_keepcnt; Patroni: ttl',
    why: 'The new primary serves, and the pool still gives clients connections to the old machine, which is silent.',
    fix: 'tcp_keepidle + tcp_keepcnt * tcp_keepintvl below ttl, and tcp_user_timeout as well.',
    bad: both('tcp_keepidle = 60\ntcp_keepintvl = 10\ntcp_keepcnt = 3', '', timers(20)),
    good: both('tcp_keepidle = 2\ntcp_keepintvl = 1\ntcp_keepcnt = 3', '', timers(20)),
    check: (scene) =>
      dynamicsOf(scene)
        .slice(0, 1)
        .flatMap((dynamic) => {
          const { ttl } = effectiveTimers(timersOf(dynamic), scene.versions.patroni ?? '3.2.0');
          return poolsOf(scene).flatMap((file): Hit[] => {
            const seconds = keepaliveSeconds(file);
            if (seconds <= ttl) return [];
            const says = `idle connections to a lost machine are kept for ${secondsText(seconds)}, and a new primary is there after some ${ttl + PROMOTION_SECONDS} s`;
            return [{ at: optionOf(file, 'tcp_keepidle').at, says }];
          });
        }),
  },
  {
    id: 'across-tls-refused',
    title: 'The server lets the pool in only over TLS, and the pool does not use it',
    ...{ severity: 'error', kinds: ['pgbouncer', 'hba', 'patroni'], fixable: false },
    source: 'PgBouncer: server_tls_sslmode; PostgreSQL, The pg_hba.conf File: hostssl',
    why: 'Where every line for the network is hostssl, a connection without TLS finds no entry: no client gets a server.',
    fix: 'server_tls_sslmode = verify-full, with server_tls_ca_file.',
    bad: example({
      pgbouncer: '[databases]\napp = host=10.0.0.1\n\n[pgbouncer]\nserver_tls_sslmode = disable\n',
      hba: 'hostssl app app 10.0.0.31/32 scram-sha-256\n',
    }),
    good: example({
      pgbouncer: '[databases]\napp = host=10.0.0.1\n\n[pgbouncer]\nserver_tls_sslmode = verify-full\n',
      hba: 'hostssl app app 10.0.0.31/32 scram-sha-256\n',
    }),
    check: (scene) => {
      const remote = accessesOf(scene).flatMap(({ records }) =>
        records.filter((record) => !isFromHere(record) && record.method.text !== 'reject'),
      );
      const first = remote[0];
      if (first === undefined || remote.some(({ type }) => type.text !== 'hostssl')) return [];
      return poolsOf(scene).flatMap((file): Hit[] => {
        const mode = optionOf(file, 'server_tls_sslmode');
        return mode.text === 'disable'
          ? [
              {
                at: mode.at,
                says: `server_tls_sslmode is disable${mode.isSet ? '' : ' (default)'}, and the server takes no connection without TLS`,
                see: [{ at: first.place, says: 'only hostssl here' }],
              },
            ]
          : [];
      });
    },
  },
  {
    id: 'across-scram',
    title: 'The pool cannot log in with what it has',
    ...{ severity: 'error', kinds: ['pgbouncer', 'userlist', 'hba', 'patroni'], fixable: false },
    source: 'PgBouncer, pgbouncer.ini(5): "Authentication file format", limitations of SCRAM secrets',
    why: 'An md5 hash logs in to a server that asks for md5, a SCRAM verifier to one that asks for SCRAM and only if the client has just proved itself by SCRAM (auth_type scram-sha-256, no forced user). Anything else ends in "password authentication failed" for every client.',
    fix: 'SCRAM everywhere: password_encryption, pg_hba.conf, auth_type and the verifiers in auth_file.',
    bad: example({
      userlist: '"app" "md5d4e5f8f9c3a1b2d6e7f8a9b0c1d2e3f4"\n',
      hba: 'hostssl app app 10.0.0.31/32 scram-sha-256\n',
    }),
    good: example({
      userlist: '"app" "md5d4e5f8f9c3a1b2d6e7f8a9b0c1d2e3f4"\n',
      hba: 'hostssl app app 10.0.0.31/32 md5\n',
    }),
    check: (scene) => {
      const asking = accessesOf(scene).flatMap(({ records }) =>
        records.filter(({ method }) => method.text === 'scram-sha-256'),
      );
      const names = (user: string): boolean => asking.some(({ users }) => users.some(({ text }) => text === user));
      const users = filesOf(scene, 'userlist').flatMap((list) => list.users);
      const hashes = users.filter(({ name, secret }) => secret.text.startsWith('md5') && names(name.text));
      const scram = users.filter(({ secret }) => secret.text.startsWith('SCRAM-SHA-256$'));
      return [
        ...hashes.map(({ name }): Hit => ({
          at: name,
          says: `the server asks ${name.text} for SCRAM, which an md5 hash can’t answer`,
        })),
        ...poolsOf(scene).flatMap((file): Hit[] => {
          const type = optionOf(file, 'auth_type');
          if (scram.length === 0 || ['scram-sha-256', 'md5', 'hba'].includes(type.text)) return [];
          return [
            {
              at: type.at,
              says: `with auth_type ${type.text} clients prove nothing by SCRAM, and the verifiers of the userlist log in to no server`,
            },
          ];
        }),
      ];
    },
  },
  {
    id: 'across-statement-timeouts',
    title: 'The pool kills a statement before the server would end it',
    ...{ severity: 'warning', kinds: ['pgbouncer', 'postgresql', 'patroni'], fixable: false },
    source: 'PgBouncer: query_timeout; PostgreSQL: statement_timeout',
    why: 'The server’s limit comes with an error that names it, and leaves the connection; the pool’s takes the connection away. The one that fires first should be the server’s.',
    fix: 'query_timeout = 0, or well above statement_timeout.',
    bad: both('query_timeout = 5', 'statement_timeout = 30s'),
    good: both('query_timeout = 60', 'statement_timeout = 30s'),
    check: (scene) =>
      serversOf(scene)
        .slice(0, 1)
        .flatMap((server) => {
          const limit = valueOf(server, 'statement_timeout');
          return poolsOf(scene).flatMap((file): Hit[] => {
            const own = optionOf(file, 'query_timeout');
            if (limit === undefined || !(limit.number > 0) || !(own.number > 0 && own.number <= limit.number))
              return [];
            return [
              {
                at: own.at,
                says: `the pool kills after ${own.number} s what statement_timeout would end after ${secondsText(limit.number)}`,
                see: [{ at: limit.at, says: 'statement_timeout' }],
              },
            ];
          });
        }),
  },
];
