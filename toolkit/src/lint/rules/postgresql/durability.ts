import { bytesText, secondsText } from '../../parse/quantity';
import type { Hit, Rule } from '../../rule';
import { valueOf } from '../../view/server';
import { conf, giving, inServers, settingRule } from './factory';

const MB = 1024 ** 2;

export const durability: readonly Rule[] = [
  settingRule({
    id: 'postgresql-fsync-off',
    title: 'A crash destroys the database',
    ...{ severity: 'error', fixable: true, name: 'fsync', want: 'on' },
    source: 'PostgreSQL, Write Ahead Log: fsync',
    why: 'Nothing is sure to be on disk: after a power failure the data directory may be beyond repair.',
    fix: 'fsync = on; synchronous_commit = off is the safe way to commit without waiting.',
    bad: conf('fsync = off'),
    good: conf('fsync = on'),
    says: ({ isOn }) => (isOn ? undefined : 'fsync is off: a crash of the machine destroys the database'),
  }),
  settingRule({
    id: 'postgresql-full-page-writes-off',
    title: 'A crash leaves half-written pages',
    ...{ severity: 'error', fixable: true, name: 'full_page_writes', want: 'on' },
    source: 'PostgreSQL, Write Ahead Log: full_page_writes',
    why: 'A page that was half written when the machine stopped cannot be mended without its full image in WAL.',
    fix: 'full_page_writes = on, with wal_compression to make the images small.',
    bad: conf('full_page_writes = off'),
    good: conf('full_page_writes = on'),
    says: ({ isOn }) => (isOn ? undefined : 'full_page_writes is off: a half-written page cannot be mended'),
  }),
  settingRule({
    id: 'postgresql-synchronous-commit',
    title: 'Commits are acknowledged before they are safe, for everybody',
    ...{ severity: 'warning', fixable: false, name: 'synchronous_commit' },
    source: 'PostgreSQL, Write Ahead Log: synchronous_commit',
    why: 'With off, a crash loses what was acknowledged in the last moments; with local, a failover does. That is a choice for the role, or the transaction, that can bear it.',
    fix: "synchronous_commit = on; ALTER ROLE metrics SET synchronous_commit = 'off';",
    bad: conf('synchronous_commit = off'),
    good: conf('synchronous_commit = on'),
    says: ({ text }) =>
      /^(off|false|no|0|local)$/i.test(text) ? `synchronous_commit is ${text} for every role` : undefined,
  }),
  settingRule({
    id: 'postgresql-checkpoint-target',
    title: 'Checkpoints write in bursts',
    ...{ severity: 'warning', fixable: true, name: 'checkpoint_completion_target', want: '0.9' },
    source: 'PostgreSQL 14 release notes; Write Ahead Log: checkpoint_completion_target',
    why: 'It squeezes the writes of a checkpoint into a part of the time there is, and commits wait behind them. 0.9 is the default since PostgreSQL 14; smaller values are left from older guides.',
    fix: 'checkpoint_completion_target = 0.9',
    bad: conf('checkpoint_completion_target = 0.7'),
    good: conf('checkpoint_completion_target = 0.9'),
    says: ({ number, text }) =>
      number < 0.9 ? `checkpoint_completion_target is ${text}, less than the default of 0.9` : undefined,
  }),
  {
    id: 'postgresql-checkpoint-spacing',
    title: 'Checkpoints are close to each other',
    ...{ severity: 'info', kinds: ['postgresql', 'patroni'], fixable: false },
    source: 'PostgreSQL, WAL Configuration: max_wal_size, checkpoint_timeout',
    why: 'After each checkpoint the first change of every page writes its full image to WAL: the more checkpoints, the more WAL. One comes after checkpoint_timeout, or when max_wal_size is nearly used up.',
    fix: 'max_wal_size of what is written in checkpoint_timeout, and more; checkpoint_timeout = 5min to 15min.',
    bad: conf('checkpoint_timeout = 1min'),
    good: conf('checkpoint_timeout = 5min\nmax_wal_size = 4GB'),
    check: inServers((server): Hit[] => {
      const [timeout, size] = [valueOf(server, 'checkpoint_timeout'), valueOf(server, 'max_wal_size')];
      return [
        ...(timeout !== undefined && timeout.number < 300
          ? [{ at: timeout.at, says: `a checkpoint every ${secondsText(timeout.number)}` }]
          : []),
        ...(size !== undefined && size.number < 1024 * MB
          ? [{ at: size.at, says: `a checkpoint after less than ${bytesText(size.number)} of WAL` }]
          : []),
      ];
    }),
  },
  {
    id: 'postgresql-archive-command',
    title: 'WAL is to be archived, and nothing archives it',
    ...{ severity: 'error', kinds: ['postgresql', 'patroni'], fixable: false },
    source: 'PostgreSQL, Write Ahead Log: archive_mode, archive_command, archive_library',
    why: 'With archive_mode on, every segment is kept until it was archived: without a command the disk fills, and the server stops.',
    fix: "archive_command = 'pgbackrest --stanza=main archive-push %p'",
    bad: conf('archive_mode = on'),
    good: conf("archive_mode = on\narchive_command = 'pgbackrest --stanza=main archive-push %p'\narchive_timeout = 60"),
    check: inServers((server): Hit[] => {
      const [mode, command, library] = ['archive_mode', 'archive_command', 'archive_library'].map((name) =>
        valueOf(server, name),
      );
      if (mode?.isSet !== true || /^(off|false|no|0)$/i.test(mode.text)) return [];
      if ((library?.text ?? '') !== '') return [];
      if ((command?.text ?? '') === '')
        return server.isWhole ? [{ at: mode.at, says: 'archive_mode is on, and there is no archive_command' }] : [];
      const isNothing = /^\s*(\/bin\/)?(true|:)\s*$/.test(command?.text ?? '');
      return isNothing && command !== undefined
        ? [
            {
              at: command.at,
              severity: 'warning',
              says: 'archive_command says yes and keeps nothing: there is no recovery to a point in time',
            },
          ]
        : [];
    }),
  },
  {
    id: 'postgresql-archive-timeout',
    title: 'The archive may be hours behind',
    ...{ severity: 'info', kinds: ['postgresql', 'patroni'], fixable: true },
    source: 'PostgreSQL, Write Ahead Log: archive_timeout',
    why: 'A segment is archived when it is full. On a quiet night what was committed hours ago is in no archive: that is what the loss of the machine costs.',
    fix: 'archive_timeout = 60',
    bad: conf("archive_mode = on\narchive_command = 'pgbackrest --stanza=main archive-push %p'"),
    good: conf("archive_mode = on\narchive_command = 'pgbackrest --stanza=main archive-push %p'\narchive_timeout = 60"),
    check: inServers((server): Hit[] => {
      const [mode, timeout] = [valueOf(server, 'archive_mode'), valueOf(server, 'archive_timeout')];
      if (
        mode?.isSet !== true ||
        timeout === undefined ||
        /^(off|false|no|0)$/i.test(mode.text) ||
        timeout.number !== 0
      )
        return [];
      return [
        {
          at: timeout.isSet ? timeout.at : mode.at,
          says: 'archive_timeout is 0: a segment waits until it is full',
          ...giving(server, 'archive_timeout', timeout, '60'),
        },
      ];
    }),
  },
  settingRule({
    id: 'postgresql-slot-limit',
    title: 'A standby that never returns fills the disk',
    ...{ severity: 'warning', fixable: false, name: 'max_slot_wal_keep_size' },
    source: 'PostgreSQL, Replication: max_slot_wal_keep_size',
    why: 'A replication slot keeps WAL until its standby has it. Without a limit one that is gone fills the disk, and the primary stops.',
    fix: 'max_slot_wal_keep_size = a tenth of the disk.',
    bad: conf('max_slot_wal_keep_size = -1'),
    good: conf('max_slot_wal_keep_size = 20GB'),
    says: ({ number }) => (number === -1 ? 'max_slot_wal_keep_size is -1: a slot keeps WAL without limit' : undefined),
  }),
  settingRule({
    id: 'postgresql-wal-sender-timeout',
    title: 'A vanished standby stalls commits for long',
    ...{ severity: 'warning', fixable: true, name: 'wal_sender_timeout', want: '5s' },
    source: 'PostgreSQL, Replication: wal_sender_timeout; measured on the reference cluster',
    why: 'With synchronous replication a commit waits for its standby. One that loses its power is noticed after wal_sender_timeout: that long no commit returns (5.7 to 7.4 s were measured with 5 s).',
    fix: "wal_sender_timeout = '5s', wal_receiver_status_interval = '1s'",
    bad: conf('wal_sender_timeout = 60s'),
    good: conf('wal_sender_timeout = 5s'),
    says: ({ number }) =>
      number === 0
        ? 'wal_sender_timeout is 0: a standby that vanished stalls commits for ever'
        : number > 10
          ? `a synchronous standby that vanishes stalls commits for about ${secondsText(number)}`
          : undefined,
  }),
  settingRule({
    id: 'postgresql-hot-standby-feedback',
    title: 'A long query on a standby bloats the primary',
    ...{ severity: 'info', fixable: false, name: 'hot_standby_feedback' },
    source: 'PostgreSQL, Replication: hot_standby_feedback',
    why: 'The primary keeps every dead row that the oldest query of a standby might still see: reports of hours there are bloat here.',
    fix: 'hot_standby_feedback = off with max_standby_streaming_delay for the reports; or a statement_timeout on the standby.',
    bad: conf('hot_standby_feedback = on'),
    good: conf('hot_standby_feedback = off'),
    says: ({ isOn }) =>
      isOn ? 'hot_standby_feedback is on: the primary keeps dead rows for queries on standbys' : undefined,
  }),
  settingRule({
    id: 'postgresql-wal-compression',
    title: 'Full page images are not compressed',
    ...{ severity: 'info', fixable: true, name: 'wal_compression', want: 'on' },
    source: 'PostgreSQL, Write Ahead Log: wal_compression',
    why: 'After a checkpoint most of WAL is images of pages; compressed they are a fraction, on disk, on the way to standbys and in the archive.',
    fix: 'wal_compression = on (lz4 or zstd from PostgreSQL 15 on)',
    bad: conf('wal_compression = off'),
    good: conf('wal_compression = lz4'),
    says: ({ text }) => (/^(off|false|no|0)$/i.test(text) ? 'wal_compression is off' : undefined),
  }),
  settingRule({
    id: 'postgresql-autovacuum-off',
    title: 'Dead rows are never removed',
    ...{ severity: 'error', fixable: true, name: 'autovacuum', want: 'on' },
    source: 'PostgreSQL, Automatic Vacuuming: autovacuum',
    why: 'Tables and indexes only grow, statistics are of long ago, and in the end the server stops to prevent wraparound.',
    fix: 'autovacuum = on; a table that is vacuumed at other times can have autovacuum_enabled = off for itself.',
    bad: conf('autovacuum = off'),
    good: conf('autovacuum = on'),
    says: ({ isOn }) => (isOn ? undefined : 'autovacuum is off'),
  }),
];
