import { example, pgbouncerExample, type Rule } from '../../rule';
import { databasesOf, listOf, optionOf, poolsOf, setOption } from '../../view/pool';

/** Server connections beyond some four a core only wait for each other. */
export const mostUseful = (cores: number): number => Math.max(20, 4 * cores);

export const sizes: readonly Rule[] = [
  {
    id: 'pgbouncer-pool-size',
    title: 'A pool is larger than the server can work',
    ...{ severity: 'warning', kinds: ['pgbouncer'], fixable: false },
    source: 'PgBouncer, pgbouncer.ini(5): default_pool_size; PostgreSQL wiki, Number Of Database Connections',
    why: 'More connections than some four a core do not work, they wait for each other inside the server, where it shows as latency; in the pool’s queue they would wait in order, and be seen.',
    fix: 'default_pool_size = 4 * cores of the server, shared among all pools in front of it.',
    bad: pgbouncerExample('default_pool_size = 100', { machine: { memory_mb: 16_384, cores: 8, storage: 'ssd' } }),
    good: pgbouncerExample('default_pool_size = 32', { machine: { memory_mb: 16_384, cores: 8, storage: 'ssd' } }),
    check: (scene) =>
      poolsOf(scene).flatMap((file) => {
        const most = mostUseful(scene.machine.cores);
        const { number, at } = optionOf(file, 'default_pool_size');
        const own = databasesOf(file).flatMap(({ parts }) => {
          const size = parts.get('pool_size');
          return size === undefined ? [] : [{ number: Number(size.text), at: size }];
        });
        return [{ number, at }, ...own]
          .filter((one) => one.number > most)
          .map((one) => ({
            at: one.at,
            says: `${one.number} server connections for each database and role, on ${scene.machine.cores} cores: from some ${most} on they wait for each other`,
          }));
      }),
  },
  {
    id: 'pgbouncer-min-pool-size',
    title: 'The pool keeps many idle connections open',
    ...{ severity: 'info', kinds: ['pgbouncer'], fixable: false },
    source: 'PgBouncer, pgbouncer.ini(5): min_pool_size',
    why: 'So many are kept for each database and role with a client, day and night: each is a process of the server, looked at for every snapshot. They are also all opened at once after a failover, when the new primary has the most to do.',
    fix: 'min_pool_size of what is in use on average, some one or two a core.',
    bad: pgbouncerExample('default_pool_size = 100\nmin_pool_size = 50', {
      machine: { memory_mb: 16_384, cores: 8, storage: 'ssd' },
    }),
    good: pgbouncerExample('default_pool_size = 32\nmin_pool_size = 8', {
      machine: { memory_mb: 16_384, cores: 8, storage: 'ssd' },
    }),
    check: (scene) =>
      poolsOf(scene).flatMap((file) => {
        const { number, at } = optionOf(file, 'min_pool_size');
        const { number: size } = optionOf(file, 'default_pool_size');
        if (number > size)
          return [{ at, says: `min_pool_size ${number} is more than default_pool_size ${size}, and counts as that` }];
        if (number <= 2 * scene.machine.cores || number <= 5) return [];
        return [
          {
            at,
            says: `${number} server connections are kept open for each database and role, used or not, on ${scene.machine.cores} cores`,
          },
        ];
      }),
  },
  {
    id: 'pgbouncer-open-files',
    title: 'More clients are promised than files may be open',
    ...{ severity: 'warning', kinds: ['pgbouncer'], fixable: false },
    source: 'PgBouncer, pgbouncer.ini(5): max_client_conn',
    why: 'Each client and each server connection is a file. When the limit of the process is reached, new ones are refused with "too many open files", among them those to the server. Debian’s unit has 1024.',
    fix: 'systemctl edit pgbouncer: [Service] LimitNOFILE=65536; then say so here: --open-files 65536.',
    bad: pgbouncerExample('max_client_conn = 1000\ndefault_pool_size = 100', { openFiles: 1024 }),
    good: pgbouncerExample('max_client_conn = 500\ndefault_pool_size = 20', { openFiles: 1024 }),
    check: (scene) =>
      poolsOf(scene).flatMap((file) => {
        const { number: clients, at } = optionOf(file, 'max_client_conn');
        const databases = Math.max(1, databasesOf(file).length);
        const servers =
          (optionOf(file, 'default_pool_size').number + optionOf(file, 'reserve_pool_size').number) * databases;
        const needed = clients + servers + 20;
        if (!(needed > scene.openFiles)) return [];
        const says = `${clients} clients, at least ${servers} server connections and some 20 files of its own are ${needed}; the process may have ${scene.openFiles}`;
        return [{ at, says }];
      }),
  },
  {
    id: 'pgbouncer-no-limit',
    title: '0 is no limit here, not none',
    ...{ severity: 'info', kinds: ['pgbouncer'], fixable: false },
    source: 'PgBouncer, pgbouncer.ini(5): max_db_connections, max_user_connections, pool_size',
    why: '0 reads as "none", and means "as many as come".',
    fix: 'A number, where there shall be a limit; leave the line out where not.',
    bad: pgbouncerExample('max_db_connections = 0'),
    good: pgbouncerExample('max_db_connections = 60'),
    check: (scene) =>
      poolsOf(scene).flatMap((file) =>
        ['max_db_connections', 'max_user_connections', 'default_pool_size'].flatMap((name) => {
          const { number, at, isSet } = optionOf(file, name);
          return isSet && number === 0 ? [{ at, says: `${name} = 0 is no limit at all` }] : [];
        }),
      ),
  },
  {
    id: 'pgbouncer-session-mode',
    title: 'Each client keeps a server connection for itself',
    ...{ severity: 'info', kinds: ['pgbouncer'], fixable: false },
    source: 'PgBouncer, pgbouncer.ini(5): pool_mode',
    why: 'In session mode (the default) a server connection is lent until the client goes: so many clients as the pool is large are served, and the next wait for one of them to leave.',
    fix: 'pool_mode = transaction, after looking for what needs a session: SET, LISTEN, advisory locks, WITH HOLD cursors.',
    bad: pgbouncerExample('max_client_conn = 500\ndefault_pool_size = 20'),
    good: pgbouncerExample('pool_mode = transaction\nmax_client_conn = 500\ndefault_pool_size = 20'),
    check: (scene) =>
      poolsOf(scene).flatMap((file) => {
        const { text, at, isSet } = optionOf(file, 'pool_mode');
        const [clients, size] = [optionOf(file, 'max_client_conn').number, optionOf(file, 'default_pool_size').number];
        if (text !== 'session' || clients <= size) return [];
        return [
          {
            at,
            says: `session pooling${isSet ? '' : ' (default)'}: of ${clients} clients, ${size} for each database and role are served, and the others wait`,
          },
        ];
      }),
  },
  {
    id: 'pgbouncer-prepared-statements',
    title: 'Prepared statements do not work in transaction mode',
    ...{ severity: 'info', kinds: ['pgbouncer'], fixable: false },
    source: 'PgBouncer, pgbouncer.ini(5): max_prepared_statements (1.21)',
    why: 'Before 1.21, and with max_prepared_statements = 0, a statement that a client prepared is on one server connection, and its next transaction gets another: "prepared statement does not exist". Drivers prepare by themselves: JDBC from the fifth use on.',
    fix: 'PgBouncer 1.21 or later with max_prepared_statements = 200; before, switch it off in the driver (JDBC: prepareThreshold=0).',
    bad: pgbouncerExample('pool_mode = transaction'),
    good: pgbouncerExample('pool_mode = transaction\nmax_prepared_statements = 200', {
      versions: { pgbouncer: '1.25', postgresql: 15 },
    }),
    check: (scene) =>
      poolsOf(scene).flatMap((file) => {
        const [mode, most] = [optionOf(file, 'pool_mode'), optionOf(file, 'max_prepared_statements')];
        const isOld = Number(scene.versions.pgbouncer.split('.')[1] ?? 0) < 21;
        if (mode.text === 'session' || (!isOld && !(most.isSet && most.number === 0))) return [];
        const why = isOld ? `PgBouncer ${scene.versions.pgbouncer}` : 'max_prepared_statements = 0';
        return [
          {
            at: most.isSet ? most.at : mode.at,
            says: `${mode.text} pooling with ${why}: what a driver prepares is gone in its next transaction`,
          },
        ];
      }),
  },
  {
    id: 'pgbouncer-startup-parameters',
    title: 'Some drivers are refused',
    ...{ severity: 'info', kinds: ['pgbouncer'], fixable: true },
    source: 'PgBouncer, pgbouncer.ini(5): ignore_startup_parameters',
    why: 'A client that asks for a parameter the pool does not track is refused: "unsupported startup parameter". JDBC always sends extra_float_digits.',
    fix: 'ignore_startup_parameters = extra_float_digits',
    bad: pgbouncerExample('pool_mode = transaction'),
    good: pgbouncerExample('ignore_startup_parameters = extra_float_digits'),
    check: (scene) =>
      poolsOf(scene).flatMap((file) => {
        const { text, at } = optionOf(file, 'ignore_startup_parameters');
        if (listOf(text).includes('extra_float_digits')) return [];
        const all = [...listOf(text), 'extra_float_digits'].join(', ');
        return [
          {
            at,
            says: 'extra_float_digits is not ignored: JDBC clients are refused',
            edit: setOption(file, 'ignore_startup_parameters', all),
          },
        ];
      }),
  },
  {
    id: 'pgbouncer-reset-always',
    title: 'Every transaction is followed by a reset',
    ...{ severity: 'warning', kinds: ['pgbouncer'], fixable: true },
    source: 'PgBouncer, pgbouncer.ini(5): server_reset_query_always',
    why: 'In transaction mode it runs DISCARD ALL after each transaction: one more round trip, and cached plans and sequences are gone. It hides that a client leaves something behind, until the next one in the same transaction.',
    fix: 'server_reset_query_always = 0, and clients that keep their SET within a transaction (SET LOCAL).',
    bad: pgbouncerExample('pool_mode = transaction\nserver_reset_query_always = 1'),
    good: pgbouncerExample('pool_mode = transaction\nserver_reset_query_always = 0'),
    check: (scene) =>
      poolsOf(scene).flatMap((file) => {
        const { number, at } = optionOf(file, 'server_reset_query_always');
        if (number !== 1 || optionOf(file, 'pool_mode').text === 'session') return [];
        return [
          {
            at,
            says: 'after each transaction the server connection is reset: another round trip each time',
            edit: setOption(file, 'server_reset_query_always', '0'),
          },
        ];
      }),
  },
  {
    id: 'pgbouncer-no-fallback-limit',
    title: 'Any database of the server can be had through the pool',
    ...{ severity: 'info', kinds: ['pgbouncer'], fixable: false },
    source: 'PgBouncer, pgbouncer.ini(5): section [databases], "*"',
    why: 'The line "*" makes a pool for whatever name a client sends: each takes its share of max_connections, misspelt ones included, and nobody can count them beforehand.',
    fix: 'A line for each database; or max_db_connections, which bounds each.',
    bad: example({ pgbouncer: '[databases]\n* = host=10.0.0.1\n\n[pgbouncer]\nlisten_port = 6432\n' }),
    good: example({ pgbouncer: '[databases]\napp = host=10.0.0.1\n\n[pgbouncer]\nlisten_port = 6432\n' }),
    check: (scene) =>
      poolsOf(scene).flatMap((file) =>
        optionOf(file, 'max_db_connections').number > 0
          ? []
          : databasesOf(file)
              .filter(({ name, parts }) => name.text === '*' && !parts.has('max_db_connections'))
              .map(({ name }) => ({ at: name, says: 'a pool of its own for any name that a client sends' })),
      ),
  },
];
