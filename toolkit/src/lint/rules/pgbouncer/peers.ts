import { type Edit, type Hit, pgbouncerExample, type Rule } from '../../rule';
import { optionOf, poolsOf, setOption } from '../../view/pool';
import type { PgbouncerFile } from '../../scene';

/** What Linux takes where nothing is set: tcp_keepalive_time, _intvl and _probes. */
const LINUX = { idle: 7200, interval: 75, count: 9 };
const MOST_SECONDS = 30;

/** Seconds until an idle connection to a machine that vanished is given up; none: never. */
export const keepaliveSeconds = (file: PgbouncerFile): number => {
  const or = (name: string, other: number): number => optionOf(file, name).number || other;
  if (optionOf(file, 'tcp_keepalive').number === 0) return Infinity;
  return or('tcp_keepidle', LINUX.idle) + or('tcp_keepintvl', LINUX.interval) * or('tcp_keepcnt', LINUX.count);
};

/** What makes it 5 s, of what is not so short already. */
const keepaliveEdits = (file: PgbouncerFile): Edit[] =>
  [
    ['tcp_keepidle', 2],
    ['tcp_keepintvl', 1],
    ['tcp_keepcnt', 3],
  ].flatMap(([name, value]) => {
    const now = optionOf(file, String(name)).number;
    return now > 0 && now <= Number(value) ? [] : [setOption(file, String(name), String(value))];
  });

export const peers: readonly Rule[] = [
  {
    id: 'pgbouncer-keepalive',
    title: 'A peer that vanished is noticed too late',
    ...{ severity: 'warning', kinds: ['pgbouncer'], fixable: true },
    source: 'PgBouncer, pgbouncer.ini(5): tcp_keepidle, tcp_keepintvl, tcp_keepcnt; tcp(7)',
    why: 'A machine that loses its power or its network says no goodbye. An idle connection to it looks alive until tcp_keepidle + tcp_keepcnt * tcp_keepintvl has passed; until then clients are given it, and hang.',
    fix: 'tcp_keepalive = 1, tcp_keepidle = 2, tcp_keepintvl = 1, tcp_keepcnt = 3: 5 s.',
    bad: pgbouncerExample('tcp_keepidle = 600\ntcp_keepintvl = 30\ntcp_keepcnt = 3'),
    good: pgbouncerExample('tcp_keepidle = 2\ntcp_keepintvl = 1\ntcp_keepcnt = 3'),
    check: (scene) =>
      poolsOf(scene).flatMap((file): Hit[] => {
        const seconds = keepaliveSeconds(file);
        if (seconds <= MOST_SECONDS) return [];
        const { at, isSet } = optionOf(file, 'tcp_keepidle');
        const off = optionOf(file, 'tcp_keepalive');
        if (seconds === Infinity) {
          return [
            {
              at: off.at,
              says: 'an idle connection to a machine that vanished is never given up',
              edit: setOption(file, 'tcp_keepalive', '1'),
            },
          ];
        }
        const says = `an idle connection to a machine that vanished is given up after ${Math.round(seconds)} s${isSet ? '' : ' (the kernel’s defaults)'}`;
        return [{ at, says, edit: keepaliveEdits(file) }];
      }),
  },
  {
    id: 'pgbouncer-user-timeout',
    title: 'A peer that vanished with data on the way is noticed too late',
    ...{ severity: 'warning', kinds: ['pgbouncer'], fixable: true },
    source: 'PgBouncer, pgbouncer.ini(5): tcp_user_timeout; tcp(7): TCP_USER_TIMEOUT',
    why: 'Keepalives are sent on idle connections only. Where a statement is on its way, the kernel repeats it for a quarter of an hour before it gives up, and its client waits as long.',
    fix: 'tcp_user_timeout = 5000 (milliseconds)',
    bad: pgbouncerExample('tcp_keepidle = 2\ntcp_keepintvl = 1\ntcp_keepcnt = 3'),
    good: pgbouncerExample('tcp_user_timeout = 5000'),
    check: (scene) =>
      poolsOf(scene).flatMap((file) => {
        const { number, at, isSet } = optionOf(file, 'tcp_user_timeout');
        if (number > 0 && number <= MOST_SECONDS * 1000 && number >= 100) return [];
        const says =
          number === 0
            ? `tcp_user_timeout is ${isSet ? '0' : 'not set'}: a statement to a machine that vanished hangs for about 15 min`
            : number < 100
              ? `${number} is in milliseconds, and shorter than a connection takes to recover from one lost packet`
              : `a statement to a machine that vanished hangs for ${number / 1000} s`;
        return [{ at, says, edit: setOption(file, 'tcp_user_timeout', '5000') }];
      }),
  },
  {
    id: 'pgbouncer-fast-close',
    title: 'After a failover the pool keeps its connections to the old primary',
    ...{ severity: 'info', kinds: ['pgbouncer'], fixable: true },
    source: 'PgBouncer, pgbouncer.ini(5): server_fast_close',
    why: 'When a RELOAD names another host, connections to the old one are closed when their session ends, which in session mode is when the client leaves; with 1 they go as soon as their transaction ends.',
    fix: 'server_fast_close = 1',
    bad: pgbouncerExample('pool_mode = session'),
    good: pgbouncerExample('pool_mode = session\nserver_fast_close = 1'),
    check: (scene) =>
      poolsOf(scene).flatMap((file) => {
        const { number, at } = optionOf(file, 'server_fast_close');
        if (number !== 0 || optionOf(file, 'pool_mode').text !== 'session') return [];
        return [
          {
            at,
            says: 'server_fast_close is off: after a RELOAD, sessions stay with the host they had',
            edit: setOption(file, 'server_fast_close', '1'),
          },
        ];
      }),
  },
  {
    id: 'pgbouncer-reuseport',
    title: 'Several pools on one port, and cancel requests go astray',
    ...{ severity: 'warning', kinds: ['pgbouncer'], fixable: false },
    source: 'PgBouncer, pgbouncer.ini(5): so_reuseport; section [peers] (1.19)',
    why: 'With so_reuseport the kernel spreads connections over the processes, which is how PgBouncer uses more than one core. A cancel request is a new connection, and comes to any of them: without peers, it is lost in most.',
    fix: 'PgBouncer 1.19 or later with peer_id and a section [peers]; or one process a port.',
    bad: pgbouncerExample('so_reuseport = 1'),
    good: pgbouncerExample('so_reuseport = 1\npeer_id = 1', { versions: { pgbouncer: '1.25', postgresql: 15 } }),
    check: (scene) =>
      poolsOf(scene).flatMap((file) => {
        const { number, at } = optionOf(file, 'so_reuseport');
        return number === 1 && !(optionOf(file, 'peer_id').number > 0)
          ? [{ at, says: 'so_reuseport without peer_id: a cancel request reaches the wrong process' }]
          : [];
      }),
  },
];
