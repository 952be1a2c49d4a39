import { knownLosses } from '@submilli/core';
import { bytesText } from '../../parse/quantity';
import { at, spot } from '../../parse/yaml';
import { topOf } from '../../parse/place';
import { example, type Hit, type Rule } from '../../rule';
import { filesOf } from '../../scene';
import { choiceOf, dynamicsOf, membersOf, textAt } from '../../view/patroni';
import { serversOf, valueOf } from '../../view/server';
import { dcsExample } from './timers';

const SAFE_LAG = 16 * 1024 ** 2;

export const safety: readonly Rule[] = [
  {
    id: 'patroni-asynchronous',
    title: 'A failover loses the last commits',
    ...{ severity: 'warning', kinds: ['patroni'], fixable: false },
    source: 'Patroni, replication modes: synchronous_mode',
    why: 'Without synchronous mode a commit is acknowledged before any standby has it. When the primary is lost, so is what was acknowledged since, up to maximum_lag_on_failover bytes by Patroni’s own rule.',
    fix: 'synchronous_mode: true; roles whose commits may be lost can say SET synchronous_commit = local.',
    bad: dcsExample('ttl: 20\nsynchronous_mode: false'),
    good: dcsExample('ttl: 20\nsynchronous_mode: true'),
    check: (scene) =>
      dynamicsOf(scene).flatMap((dynamic): Hit[] => {
        const mode = choiceOf(dynamic, 'synchronous_mode');
        if (mode.isOn || mode.text === 'quorum') return [];
        return [
          {
            at: mode.at,
            says: `synchronous_mode is ${mode.isSet ? mode.text : 'not set (off)'}: a failover loses what no standby has yet`,
          },
        ];
      }),
  },
  {
    id: 'patroni-maximum-lag',
    title: 'A standby that is far behind may be promoted',
    ...{ severity: 'warning', kinds: ['patroni'], fixable: false },
    source: 'Patroni, dynamic configuration: maximum_lag_on_failover',
    why: 'In asynchronous mode it is the most that a failover may lose: a standby within it can become the primary, and what it has not received is gone. (In synchronous mode it decides nothing.)',
    fix: 'maximum_lag_on_failover: 1048576, or synchronous_mode: true.',
    bad: dcsExample('ttl: 20\nmaximum_lag_on_failover: 1073741824'),
    good: dcsExample('ttl: 20\nmaximum_lag_on_failover: 1048576'),
    check: (scene) =>
      dynamicsOf(scene).flatMap((dynamic): Hit[] => {
        const [mode, lag] = [choiceOf(dynamic, 'synchronous_mode'), choiceOf(dynamic, 'maximum_lag_on_failover')];
        if (mode.isOn || mode.text === 'quorum' || !(lag.number > SAFE_LAG)) return [];
        return [{ at: lag.at, says: `in asynchronous mode a failover may lose ${bytesText(lag.number)} of WAL` }];
      }),
  },
  {
    id: 'patroni-failsafe-off',
    title: 'The loss of the store stops a primary that works',
    ...{ severity: 'warning', kinds: ['patroni'], fixable: true },
    source: 'Patroni 3.0, DCS failsafe mode; measured on the reference cluster',
    why: 'Without failsafe mode nothing can be written for as long as etcd has no quorum: over 90 s were measured where it was away for 90 s. With it, the primary goes on while every member answers it.',
    fix: 'failsafe_mode: true',
    bad: dcsExample('ttl: 20\nfailsafe_mode: false'),
    good: dcsExample('ttl: 20\nfailsafe_mode: true'),
    check: (scene) =>
      dynamicsOf(scene).flatMap((dynamic): Hit[] => {
        const mode = choiceOf(dynamic, 'failsafe_mode');
        const edit = mode.edit === undefined ? {} : { edit: mode.edit('true') };
        return mode.isOn
          ? []
          : [
              {
                at: mode.at,
                says: `failsafe_mode is ${mode.isSet ? 'off' : 'not set (off)'}: an outage of etcd is one of the database`,
                ...edit,
              },
            ];
      }),
  },
  {
    id: 'patroni-known-losses',
    title: 'This Patroni can lose acknowledged writes',
    ...{ severity: 'error', kinds: ['patroni'], fixable: false },
    source: 'Patroni 3.0.3 and 3.2.0 release notes; measured (docs/drills.md)',
    why: 'In drills with a primary that hangs and wakes up after another was promoted, acknowledged writes were lost with these versions, in spite of synchronous mode.',
    fix: 'Patroni 3.2.0 or later; where that can’t be, cluster/patroni/lossless.py runs it with the fixes.',
    bad: dcsExample('ttl: 20\nsynchronous_mode: true', '3.0.2'),
    good: dcsExample('ttl: 20\nsynchronous_mode: true', '4.0.5'),
    check: (scene) => {
      const { patroni } = scene.versions;
      if (patroni === undefined) return [];
      const losses = knownLosses(patroni);
      return losses.length === 0
        ? []
        : dynamicsOf(scene).map(({ file, tree }) => ({
            at: tree.key ?? topOf(file.source),
            says: `Patroni ${patroni}: ${losses.map(({ what, fixedIn }) => `${what} (until ${fixedIn})`).join('; ')}`,
          }));
    },
  },
  {
    id: 'patroni-watchdog-off',
    title: 'Nothing stops a primary that hangs and wakes up',
    ...{ severity: 'info', kinds: ['patroni'], fixable: false },
    source: 'Patroni, watchdog support',
    why: 'When a machine hangs for longer than its lock lives, another is promoted; on waking up it takes writes until its Patroni has looked around. A watchdog resets the machine first.',
    fix: 'watchdog: mode: required, device: /dev/watchdog, where the machine has one (modprobe softdog).',
    bad: example({ patroni: "scope: main\nname: pg1\nwatchdog:\n  mode: 'off'\n" }),
    good: example({ patroni: 'scope: main\nname: pg1\nwatchdog:\n  mode: required\n  device: /dev/watchdog\n' }),
    check: (scene) =>
      filesOf(scene, 'patroni').flatMap(({ root }): Hit[] => {
        const mode = at(root, 'watchdog', 'mode');
        if (mode?.text === undefined || !/^(off|false)$/i.test(mode.text)) return [];
        return [
          { at: mode.place, says: 'no watchdog: a primary that hung is writable until its Patroni has looked around' },
        ];
      }),
  },
  {
    id: 'patroni-watchdog-margin',
    title: 'The watchdog fires before the leader could have renewed its lock',
    ...{ severity: 'error', kinds: ['patroni'], fixable: false },
    source: 'Patroni, watchdog support: safety_margin; patroni/watchdog/base.py',
    why: 'It is set to ttl - safety_margin (5 s by default) and must leave room for loop_wait and a retry: otherwise Patroni says so and, in mode required, never promotes.',
    fix: 'safety_margin: -1 (half of ttl), or a longer ttl.',
    bad: example({
      patroni:
        'scope: main\nname: pg1\nbootstrap:\n  dcs:\n    ttl: 5\n    loop_wait: 1\n    retry_timeout: 2\nwatchdog:\n  mode: required\n',
    }),
    good: example({
      patroni:
        'scope: main\nname: pg1\nbootstrap:\n  dcs:\n    ttl: 20\n    loop_wait: 1\n    retry_timeout: 3\nwatchdog:\n  mode: required\n',
    }),
    check: (scene) =>
      dynamicsOf(scene).flatMap((dynamic): Hit[] => {
        const section = at(dynamic.file.root, 'watchdog');
        const mode = textAt(section, 'mode');
        if (section === undefined || mode === undefined || /^(off|false)$/i.test(mode)) return [];
        const [ttl, loop] = [choiceOf(dynamic, 'ttl').number, choiceOf(dynamic, 'loop_wait').number];
        const margin = Number(textAt(section, 'safety_margin') ?? 5);
        const fires = margin === -1 ? Math.floor(ttl / 2) : ttl - margin;
        if (!(fires < 2 * loop)) return [];
        const where = at(section, 'safety_margin') ?? at(section, 'mode');
        return where === undefined
          ? []
          : [
              {
                at: spot(where),
                says: `it fires ${fires} s after the last renewal, and the lock is renewed every ${loop} s`,
              },
            ];
      }),
  },
  {
    id: 'patroni-rewind-hints',
    title: 'pg_rewind cannot work',
    ...{ severity: 'warning', kinds: ['patroni'], fixable: false },
    source: 'PostgreSQL, pg_rewind: wal_log_hints or data checksums',
    why: 'An old primary comes back by pg_rewind only with checksums, or with wal_log_hints on: else by a whole new copy.',
    fix: "initdb: - data-checksums, and wal_log_hints: 'on'.",
    bad: dcsExample("postgresql:\n  use_pg_rewind: true\n  parameters:\n    wal_log_hints: 'off'"),
    good: dcsExample("postgresql:\n  use_pg_rewind: true\n  parameters:\n    wal_log_hints: 'on'"),
    check: (scene) =>
      dynamicsOf(scene).flatMap(({ file, tree }): Hit[] => {
        const rewind = at(tree, 'postgresql', 'use_pg_rewind') ?? at(file.root, 'postgresql', 'use_pg_rewind');
        if (rewind === undefined || !/^(true|on|yes)$/i.test(rewind.text ?? '')) return [];
        const checksums =
          at(file.root, 'bootstrap', 'initdb')?.items.some(({ text }) => text === 'data-checksums') ?? false;
        const server = serversOf({ ...scene, files: [file] })[0];
        const hints = server === undefined ? undefined : valueOf(server, 'wal_log_hints');
        return checksums || hints === undefined || hints.isOn
          ? []
          : [{ at: hints.at, says: 'use_pg_rewind needs wal_log_hints or data checksums, and neither is there' }];
      }),
  },
  {
    id: 'patroni-rest-open',
    title: 'Anybody who reaches the REST API can restart the cluster',
    ...{ severity: 'error', kinds: ['patroni'], fixable: false },
    source: 'Patroni, YAML configuration: restapi; security considerations',
    why: 'Switchover, restart, reinitialise and a new configuration, which can run commands as postgres, are one POST away.',
    fix: 'restapi: authentication (username, password) and verify_client: optional, with certfile, keyfile and cafile; listen on the one address that is needed.',
    bad: example({ patroni: 'scope: main\nname: pg1\nrestapi:\n  listen: 0.0.0.0:8008\n' }),
    good: example({
      patroni:
        'scope: main\nname: pg1\nrestapi:\n  listen: 10.0.0.1:8008\n  certfile: /etc/ssl/pg1.crt\n  authentication:\n    username: patroni\n    password: example\n',
    }),
    check: (scene) =>
      filesOf(scene, 'patroni').flatMap(({ root }): Hit[] => {
        const [rest, listen] = [at(root, 'restapi'), at(root, 'restapi', 'listen')];
        if (rest === undefined || listen?.text === undefined || /^(127\.|localhost|\[?::1)/.test(listen.text))
          return [];
        const asks =
          rest.entries.has('authentication') ||
          textAt(rest, 'verify_client') === 'required' ||
          rest.entries.has('allowlist');
        return asks
          ? []
          : [
              {
                at: listen.place,
                says: `${listen.text} asks nobody who may switch over, restart and change the configuration`,
              },
            ];
      }),
  },
  {
    id: 'patroni-rest-tls',
    title: 'The REST API is in the clear',
    ...{ severity: 'warning', kinds: ['patroni'], fixable: false },
    source: 'Patroni, YAML configuration: restapi: certfile, keyfile',
    why: 'The password for a switchover crosses the network with every request, and what load balancers believe about who leads can be changed on the way.',
    fix: 'restapi: certfile and keyfile, and https in whoever asks.',
    bad: example({
      patroni:
        'scope: main\nname: pg1\nrestapi:\n  listen: 10.0.0.1:8008\n  authentication:\n    username: patroni\n    password: example\n',
    }),
    good: example({
      patroni:
        'scope: main\nname: pg1\nrestapi:\n  listen: 10.0.0.1:8008\n  certfile: /etc/ssl/pg1.crt\n  keyfile: /etc/ssl/pg1.key\n',
    }),
    check: (scene) =>
      filesOf(scene, 'patroni').flatMap(({ root }): Hit[] => {
        const [rest, listen] = [at(root, 'restapi'), at(root, 'restapi', 'listen')];
        if (rest === undefined || listen?.text === undefined || /^(127\.|localhost|\[?::1)/.test(listen.text))
          return [];
        return rest.entries.has('certfile') ? [] : [{ at: listen.place, says: `${listen.text} answers without TLS` }];
      }),
  },
  {
    id: 'patroni-rewind-superuser',
    title: 'pg_rewind runs as superuser',
    ...{ severity: 'info', kinds: ['patroni'], fixable: false },
    source: 'Patroni, YAML configuration: postgresql: authentication: rewind (PostgreSQL 11 and later)',
    why: 'Four functions are all that pg_rewind needs. Without a role for it Patroni uses the superuser, over the network.',
    fix: 'postgresql: authentication: rewind: username, password; Patroni makes the role with its grants at the bootstrap.',
    bad: example({
      patroni:
        'scope: main\nname: pg1\nrestapi: {}\npostgresql:\n  use_pg_rewind: true\n  authentication:\n    superuser:\n      username: postgres\n',
    }),
    good: example({
      patroni:
        'scope: main\nname: pg1\nrestapi: {}\npostgresql:\n  use_pg_rewind: true\n  authentication:\n    superuser:\n      username: postgres\n    rewind:\n      username: rewind\n',
    }),
    check: (scene) =>
      membersOf(scene).flatMap(({ root }): Hit[] => {
        const known = at(root, 'postgresql', 'authentication');
        const rewind =
          at(root, 'bootstrap', 'dcs', 'postgresql', 'use_pg_rewind') ?? at(root, 'postgresql', 'use_pg_rewind');
        if (known === undefined || !/^(true|on|yes)$/i.test(rewind?.text ?? '') || known.entries.has('rewind'))
          return [];
        return [{ at: spot(known), says: 'there is no role for pg_rewind: it runs as the superuser' }];
      }),
  },
  {
    id: 'patroni-replication-tls',
    title: 'A standby does not know whom it copies',
    ...{ severity: 'warning', kinds: ['patroni'], fixable: false },
    source: 'Patroni, YAML configuration: postgresql: authentication: sslmode; PostgreSQL, SSL support of libpq',
    why: 'All data goes over this connection. libpq’s default (prefer) takes no TLS if it is offered none, and any certificate.',
    fix: 'sslmode: verify-full with sslrootcert, and a certificate (sslcert, sslkey) instead of a password.',
    bad: example({
      patroni:
        'scope: main\nname: pg1\nrestapi: {}\npostgresql:\n  connect_address: 10.0.0.1:5432\n  authentication:\n    replication:\n      username: replicator\n      password: example\n',
    }),
    good: example({
      patroni:
        'scope: main\nname: pg1\nrestapi: {}\npostgresql:\n  connect_address: 10.0.0.1:5432\n  authentication:\n    replication:\n      username: replicator\n      sslmode: verify-full\n',
    }),
    check: (scene) =>
      membersOf(scene).flatMap(({ root }): Hit[] => {
        const replication = at(root, 'postgresql', 'authentication', 'replication');
        if (replication === undefined || /^(127\.|localhost)/.test(textAt(root, 'postgresql', 'connect_address') ?? ''))
          return [];
        const mode = at(replication, 'sslmode');
        if (/^verify-(ca|full)$/.test(mode?.text ?? '')) return [];
        return [
          {
            at: spot(mode ?? replication),
            says: `replication with sslmode ${mode?.text ?? 'prefer (libpq’s default)'}: the primary need not prove who it is`,
          },
        ];
      }),
  },
];
