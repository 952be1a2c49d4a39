import { effectiveTimers, leastTimers, lockOutlivesRetries, shortestTimers, type Timers } from '@submilli/core';
import { example, type Hit, type Rule } from '../../rule';
import { choiceOf, type Dynamic, dynamicsOf, timersOf } from '../../view/patroni';

/** The first that corrects timers by itself; any later one does it in the same way. */
const CORRECTS = '3.2.0';
const NAMES = ['ttl', 'loop_wait', 'retry_timeout'] as const;

const dcs = (lines: string): string =>
  `bootstrap:\n  dcs:\n${lines
    .split('\n')
    .map((line) => `    ${line}`)
    .join('\n')}\n`;
export const dcsExample = (lines: string, version?: string) =>
  example({ patroni: dcs(lines) }, { versions: { patroni: version, pgbouncer: '1.18', postgresql: 15 } });

const shown = ({ ttl, loop_wait, retry_timeout }: Timers): string =>
  `ttl ${ttl}, loop_wait ${loop_wait}, retry_timeout ${retry_timeout}`;

const raised = (dynamic: Dynamic, version: string | undefined): Hit[] => {
  const timers = timersOf(dynamic);
  const used = effectiveTimers(timers, version ?? CORRECTS);
  const least = leastTimers(version ?? CORRECTS);
  return NAMES.flatMap((name): Hit[] => {
    const { at, number, isSet } = choiceOf(dynamic, name);
    if (!isSet || !(number < least[name])) return [];
    const who = version === undefined ? `Patroni from ${CORRECTS} on` : `Patroni ${version}`;
    return [
      {
        at,
        says: `${who} uses ${name} ${used[name]}, not ${number}: with ${shown(used)} a lost primary is replaced after some ${used.ttl} s`,
      },
    ];
  });
};

const tooShort = (dynamic: Dynamic, version: string): Hit[] => {
  const shortest = shortestTimers(version);
  const { at, number, isSet } = choiceOf(dynamic, 'ttl');
  if (!isSet || number >= shortest.ttl) return [];
  return [
    {
      at,
      says: `a lock of ${number} s ends before its leader has noticed that it can’t renew it; ${shown(shortest)} is the shortest that is safe with Patroni ${version}`,
    },
  ];
};

export const timers: readonly Rule[] = [
  {
    id: 'patroni-ttl-arithmetic',
    title: 'The leader may retry for longer than its lock lives',
    ...{ severity: 'error', kinds: ['patroni'], fixable: true },
    source: 'Patroni, dynamic configuration: ttl, loop_wait, retry_timeout; patroni/config.py since 3.2.0',
    why: 'A leader that cannot reach its store may try a read and then a write, each for retry_timeout, and looks only every loop_wait: loop_wait + 2 * retry_timeout must not be more than ttl, or another is elected while it still takes itself for the leader. From 3.2.0 on Patroni lowers the values by itself, before it does what it is told.',
    fix: 'retry_timeout = (ttl - loop_wait) / 2 at most.',
    bad: dcsExample('ttl: 30\nloop_wait: 10\nretry_timeout: 15'),
    good: dcsExample('ttl: 30\nloop_wait: 10\nretry_timeout: 10'),
    check: (scene) =>
      dynamicsOf(scene).flatMap((dynamic): Hit[] => {
        const asked = timersOf(dynamic);
        if (NAMES.some((name) => Number.isNaN(asked[name])) || lockOutlivesRetries(asked)) return [];
        const set = NAMES.filter((name) => choiceOf(dynamic, name).isSet);
        if (set.length === 0) return [];
        const retry = choiceOf(dynamic, 'retry_timeout');
        const says = `loop_wait ${asked.loop_wait} + 2 * retry_timeout ${asked.retry_timeout} is ${asked.loop_wait + 2 * asked.retry_timeout} s, more than ttl ${asked.ttl}`;
        const wanted = Math.floor((asked.ttl - asked.loop_wait) / 2);
        const edit = retry.edit !== undefined && wanted >= 1 ? { edit: retry.edit(String(wanted)) } : {};
        return [{ at: retry.isSet ? retry.at : choiceOf(dynamic, set[0] ?? 'ttl').at, says, ...edit }];
      }),
  },
  {
    id: 'patroni-timers-raised',
    title: 'Patroni does not use the timers that are written here',
    ...{ severity: 'warning', kinds: ['patroni'], fixable: false },
    source: 'Patroni 3.2.0 release notes; patroni/config.py: _validate_and_adjust_timeouts',
    why: 'From 3.2.0 on ttl is at least 20, retry_timeout 3 and loop_wait 1, and smaller values are raised with one line in the log. Before, they are taken as they are, and can be too short to be safe. Who promises a failover in ttl seconds must know which.',
    fix: 'Write what is used: ttl: 20, loop_wait: 1, retry_timeout: 3. Say which Patroni runs: --patroni-version.',
    bad: dcsExample('ttl: 8\nloop_wait: 1\nretry_timeout: 3', '4.0.5'),
    good: dcsExample('ttl: 20\nloop_wait: 1\nretry_timeout: 3', '4.0.5'),
    check: ({ versions: { patroni }, ...scene }) =>
      dynamicsOf({ ...scene, versions: { pgbouncer: '', postgresql: 0 } }).flatMap((dynamic) => [
        ...raised(dynamic, patroni),
        ...(patroni === undefined
          ? []
          : tooShort(dynamic, patroni).filter(() => raised(dynamic, patroni).length === 0)),
      ]),
  },
  {
    id: 'patroni-slow-failover',
    title: 'A lost primary is missed for long',
    ...{ severity: 'info', kinds: ['patroni'], fixable: false },
    source: 'Patroni, dynamic configuration: ttl; measured on the reference cluster',
    why: 'The loss of a whole machine is answered when its lock ends: after ttl, 30 s by default.',
    fix: 'ttl: 20, loop_wait: 1, retry_timeout: 3: the shortest that any Patroni takes.',
    bad: dcsExample('ttl: 30\nloop_wait: 10\nretry_timeout: 10'),
    good: dcsExample('ttl: 20\nloop_wait: 1\nretry_timeout: 3'),
    check: (scene) =>
      dynamicsOf(scene).flatMap((dynamic): Hit[] => {
        const { number, at, isSet } = choiceOf(dynamic, 'ttl');
        return number > 20
          ? [
              {
                at,
                says: `a lost machine is replaced after ${number} s${isSet ? '' : ' (default)'}; 20 s is possible with any version`,
              },
            ]
          : [];
      }),
  },
  {
    id: 'patroni-start-timeout',
    title: 'A crashed primary is waited for longer than a failover takes',
    ...{ severity: 'warning', kinds: ['patroni'], fixable: true },
    source: 'Patroni, dynamic configuration: primary_start_timeout',
    why: 'When the postmaster of a primary dies, Patroni starts it again for up to this long (300 s by default) before a standby takes over: recovery after a crash takes as long as it takes. The loss of the whole machine is answered after ttl.',
    fix: 'primary_start_timeout: 0 with synchronous mode; without it at most ttl, since a restart in place loses nothing.',
    bad: dcsExample('ttl: 20\nprimary_start_timeout: 300'),
    good: dcsExample('ttl: 20\nprimary_start_timeout: 0'),
    check: (scene) =>
      dynamicsOf(scene).flatMap((dynamic): Hit[] => {
        const start = choiceOf(dynamic, 'primary_start_timeout', 'master_start_timeout');
        const ttl = choiceOf(dynamic, 'ttl');
        if (!(start.number > ttl.number)) return [];
        const synchronous = choiceOf(dynamic, 'synchronous_mode').text !== 'false';
        const edit = start.edit === undefined ? {} : { edit: start.edit(synchronous ? '0' : String(ttl.number)) };
        return [
          {
            at: start.at,
            says: `a crashed primary gets ${start.number} s${start.isSet ? '' : ' (default)'} to start again, while a lost machine is replaced after ttl ${ttl.number}`,
            ...edit,
          },
        ];
      }),
  },
];
