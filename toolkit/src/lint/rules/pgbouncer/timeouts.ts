import { pgbouncerExample, type Hit, type Rule } from '../../rule';
import type { PgbouncerFile, Scene } from '../../scene';
import { optionOf, poolsOf, setOption } from '../../view/pool';

const inPools =
  (check: (file: PgbouncerFile) => readonly Hit[]) =>
  (scene: Scene): Hit[] =>
    poolsOf(scene).flatMap(check);

/** The longest of the switchovers that were measured on the reference cluster took 2.9 s. */
const SWITCHOVER_SECONDS = 5;
const MOST_RETRY_SECONDS = 0.5;
/** Linux sends the first packet of a connection again after 1 s, then after 2 s more. */
const SECOND_TRY_SECONDS = 1;
const MOST_CONNECT_SECONDS = 5;

export const timeouts: readonly Rule[] = [
  {
    id: 'pgbouncer-query-timeout',
    title: 'The pool kills statements',
    ...{ severity: 'warning', kinds: ['pgbouncer'], fixable: true },
    source: 'PgBouncer, pgbouncer.ini(5): query_timeout, under "Dangerous timeouts"',
    why: 'Every statement through the pool that takes longer loses its server connection under it: reports, pg_dump, index builds. It is a limit of last resort, and does nothing for latency; statement_timeout in PostgreSQL ends a statement cleanly, and by role.',
    fix: "query_timeout = 0, and statement_timeout for the roles that want one: ALTER ROLE app SET statement_timeout = '5s';",
    bad: pgbouncerExample('query_timeout = 5'),
    good: pgbouncerExample('query_timeout = 0'),
    check: inPools((file) => {
      const { number, at } = optionOf(file, 'query_timeout');
      if (!(number > 0)) return [];
      const says = `any statement over ${number} s loses its server connection, whatever it is`;
      return [{ at, says, edit: setOption(file, 'query_timeout', '0') }];
    }),
  },
  {
    id: 'pgbouncer-query-wait',
    title: 'Clients give up before a switchover is over, or never',
    ...{ severity: 'warning', kinds: ['pgbouncer'], fixable: true },
    source: 'PgBouncer, pgbouncer.ini(5): query_wait_timeout',
    why: 'A client that waits for a server is thrown out after this long. A switchover was measured to take up to 2.9 s: with less, each one is an error for every client instead of a short wait. With 0, clients wait for ever and pile up until none is let in.',
    fix: 'query_wait_timeout = 10: longer than the failover that clients shall not notice, shorter than their own patience.',
    bad: pgbouncerExample('query_wait_timeout = 2'),
    good: pgbouncerExample('query_wait_timeout = 10'),
    check: inPools((file) => {
      const { number, at } = optionOf(file, 'query_wait_timeout');
      if (number >= SWITCHOVER_SECONDS || Number.isNaN(number)) return [];
      const says =
        number === 0
          ? 'a client without a server waits for ever'
          : `clients are thrown out after ${number} s of waiting; a switchover takes up to 2.9 s`;
      return [{ at, says, edit: setOption(file, 'query_wait_timeout', '10') }];
    }),
  },
  {
    id: 'pgbouncer-login-retry',
    title: 'After a failed login the pool waits too long to try again',
    ...{ severity: 'warning', kinds: ['pgbouncer'], fixable: true },
    source: 'PgBouncer, pgbouncer.ini(5): server_login_retry; measured on the reference cluster',
    why: 'A failover always begins with a failed login. The pool then tries again after this long, whatever happened meanwhile: 1 s instead of 0.1 s was measured to add 0.7 to 0.9 s to an outage, the default adds up to 15 s.',
    fix: 'server_login_retry = 0.1',
    bad: pgbouncerExample('server_login_retry = 1'),
    good: pgbouncerExample('server_login_retry = 0.1'),
    check: inPools((file) => {
      const { number, at, isSet } = optionOf(file, 'server_login_retry');
      if (!(number > MOST_RETRY_SECONDS)) return [];
      const says = `after a failed login to the server the next comes ${number} s later${isSet ? '' : ' (default)'}: so much longer is each failover`;
      return [{ at, says, edit: setOption(file, 'server_login_retry', '0.1') }];
    }),
  },
  {
    id: 'pgbouncer-connect-timeout',
    title: 'The pool gives up on a server too soon, or too late',
    ...{ severity: 'warning', kinds: ['pgbouncer'], fixable: true },
    source: 'PgBouncer, pgbouncer.ini(5): server_connect_timeout; tcp(7)',
    why: 'It is the time for the connection, TLS and the login together. Linux repeats a lost first packet after 1 s: with 1 s or less there is no second try. While a machine is silent each attempt takes all of it, and only then is the next address tried.',
    fix: 'server_connect_timeout = 2',
    bad: pgbouncerExample('server_connect_timeout = 1'),
    good: pgbouncerExample('server_connect_timeout = 2'),
    check: inPools((file) => {
      const { number, at, isSet } = optionOf(file, 'server_connect_timeout');
      const edit = setOption(file, 'server_connect_timeout', '2');
      if (number > 0 && number <= SECOND_TRY_SECONDS) {
        return [
          {
            at,
            edit,
            says: `${number} s is over before a lost packet is sent again, or TLS and a busy server have answered`,
          },
        ];
      }
      if (number === 0 || number > MOST_CONNECT_SECONDS) {
        const long = number === 0 ? 'for ever' : `for ${number} s`;
        return [
          {
            at,
            edit,
            says: `the pool waits ${long}${isSet ? '' : ' (default)'} for a server that does not answer at all`,
          },
        ];
      }
      return [];
    }),
  },
  {
    id: 'pgbouncer-reserve-unreachable',
    title: 'The reserve opens after clients have given up',
    ...{ severity: 'warning', kinds: ['pgbouncer'], fixable: true },
    source: 'PgBouncer, pgbouncer.ini(5): reserve_pool_timeout, query_wait_timeout',
    why: 'The reserve is for a client that has waited for reserve_pool_timeout. When it is thrown out before that, the reserve is never used.',
    fix: 'reserve_pool_timeout = 1, well below query_wait_timeout.',
    bad: pgbouncerExample('reserve_pool_size = 10\nquery_wait_timeout = 2'),
    good: pgbouncerExample('reserve_pool_size = 10\nreserve_pool_timeout = 1\nquery_wait_timeout = 10'),
    check: inPools((file) => {
      const [size, after, wait] = ['reserve_pool_size', 'reserve_pool_timeout', 'query_wait_timeout'].map((name) =>
        optionOf(file, name),
      );
      if (size === undefined || after === undefined || wait === undefined || !(size.number > 0)) return [];
      if (after.number === 0) return [{ at: after.at, says: 'reserve_pool_timeout = 0 switches the reserve off' }];
      if (wait.number === 0 || after.number < wait.number) return [];
      const says = `the reserve of ${size.number} opens after ${after.number} s${after.isSet ? '' : ' (default)'}; clients are thrown out after ${wait.number} s`;
      return [
        {
          at: size.at,
          says,
          see: [{ at: wait.at, says: 'thrown out here' }],
          edit: setOption(file, 'reserve_pool_timeout', '1'),
        },
      ];
    }),
  },
  {
    id: 'pgbouncer-client-idle',
    title: 'The pool closes clients that think',
    ...{ severity: 'warning', kinds: ['pgbouncer'], fixable: true },
    source: 'PgBouncer, pgbouncer.ini(5): client_idle_timeout, under "Dangerous timeouts"',
    why: 'An application keeps connections for later. When the pool closes one, the application learns it from an error on the next statement. An idle client costs the pool some kilobytes, and no server connection.',
    fix: 'client_idle_timeout = 0; let the application’s own pool close what it does not need.',
    bad: pgbouncerExample('client_idle_timeout = 60'),
    good: pgbouncerExample('client_idle_timeout = 0'),
    check: inPools((file) => {
      const { number, at } = optionOf(file, 'client_idle_timeout');
      if (!(number > 0)) return [];
      return [
        {
          at,
          says: `a client that is idle for ${number} s is closed, and finds out on its next statement`,
          edit: setOption(file, 'client_idle_timeout', '0'),
        },
      ];
    }),
  },
  {
    id: 'pgbouncer-idle-transaction',
    title: 'A transaction that pauses is torn',
    ...{ severity: 'warning', kinds: ['pgbouncer'], fixable: false },
    source: 'PgBouncer, pgbouncer.ini(5): idle_transaction_timeout, under "Dangerous timeouts"',
    why: 'The pool closes the client in the middle of its transaction, without an error that says why. A few seconds is within a garbage collection or a slow call; the server’s idle_in_transaction_session_timeout says what it did.',
    fix: "idle_transaction_timeout = 0 and idle_in_transaction_session_timeout = '60s' in PostgreSQL; or at least 30 here.",
    bad: pgbouncerExample('idle_transaction_timeout = 3'),
    good: pgbouncerExample('idle_transaction_timeout = 60'),
    check: inPools((file) => {
      const { number, at } = optionOf(file, 'idle_transaction_timeout');
      return number > 0 && number < 30
        ? [{ at, says: `a transaction that pauses for ${number} s is cut off without a word` }]
        : [];
    }),
  },
  {
    id: 'pgbouncer-server-churn',
    title: 'Server connections are opened and closed all the time',
    ...{ severity: 'info', kinds: ['pgbouncer'], fixable: false },
    source: 'PgBouncer, pgbouncer.ini(5): server_lifetime, server_idle_timeout, min_pool_size',
    why: 'Each new one is a process in the server and a login, and a client waits for it. What min_pool_size keeps open is also closed at its lifetime, and opened again.',
    fix: 'server_lifetime = 3600, server_idle_timeout = 600 (the defaults).',
    bad: pgbouncerExample('server_lifetime = 60'),
    good: pgbouncerExample('server_lifetime = 3600\nserver_idle_timeout = 600'),
    check: inPools((file) => {
      const [life, idle, least] = ['server_lifetime', 'server_idle_timeout', 'min_pool_size'].map((name) =>
        optionOf(file, name),
      );
      if (life === undefined || idle === undefined || least === undefined) return [];
      const hits: Hit[] = [];
      if (life.number < 300)
        hits.push({ at: life.at, says: `every server connection is replaced after ${life.number} s` });
      if (idle.number > 0 && idle.number < 60) {
        const again = least.number > 0 ? `, and min_pool_size = ${least.number} opens it again` : '';
        hits.push({ at: idle.at, says: `a server connection that is idle for ${idle.number} s is closed${again}` });
      }
      return hits;
    }),
  },
];
