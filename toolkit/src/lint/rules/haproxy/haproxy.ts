import type { HaproxyLine, HaproxySection } from '../../parse/haproxy';
import { type Word, wordAt } from '../../parse/place';
import { example, type Hit, type Rule } from '../../rule';
import { filesOf, type HaproxyFile, type Scene } from '../../scene';

/** A section with servers, and what holds there: its own lines, else those of the defaults before it. */
type Way = { readonly file: HaproxyFile; readonly section: HaproxySection; readonly defaults: readonly HaproxyLine[] };

const waysOf = (scene: Scene): Way[] =>
  filesOf(scene, 'haproxy').flatMap((file) => {
    let defaults: readonly HaproxyLine[] = [];
    return file.sections.flatMap((section): Way[] => {
      if (section.kind === 'defaults') defaults = section.lines;
      const servers = section.lines.some(({ keyword }) => keyword === 'server' || keyword === 'server-template');
      return servers ? [{ file, section, defaults }] : [];
    });
  });

const allLines = ({ section, defaults }: Way): readonly HaproxyLine[] => [...defaults, ...section.lines];
const begins = ({ words }: HaproxyLine, ...start: readonly string[]): boolean =>
  start.every((word, i) => words[i]?.text === word);
const has = (way: Way, ...start: readonly string[]): boolean => allLines(way).some((line) => begins(line, ...start));
const nameOf = ({ file, section }: Way): Word =>
  section.head.words[1] ?? section.head.words[0] ?? wordAt(file.source, 0, 0);

/** What follows a keyword on the servers' lines, the last that holds first. */
const ofServers = (way: Way, keyword: string): Word | undefined => {
  const lines = allLines(way).filter((line) => ['server', 'default-server'].includes(line.keyword));
  for (const { words } of lines.toReversed()) {
    const i = words.findIndex(({ text }) => text === keyword);
    if (i > 0) return words[i + 1] ?? words[i];
  }
  return undefined;
};

const UNITS: Readonly<Record<string, number>> = { us: 1e-6, ms: 1e-3, s: 1, m: 60, h: 3600, d: 86_400 };
const seconds = (text: string): number | undefined => {
  const [, number, unit = 'ms'] = /^(\d+)(us|ms|s|m|h|d)?$/.exec(text) ?? [];
  return number === undefined ? undefined : Number(number) * (UNITS[unit] ?? 1);
};
const timeoutOf = (way: Way, name: string): { readonly at: Word; readonly seconds: number | undefined } | undefined => {
  const value = allLines(way).findLast((line) => begins(line, 'timeout', name))?.words[2];
  return value === undefined ? undefined : { at: value, seconds: seconds(value.text) };
};

const MOST_SECONDS = 3;
const proxy = (more: string, server = 'server pg1 10.0.0.1:5432 check port 8008') =>
  example({
    haproxy: `defaults\n    mode tcp\n    timeout connect 2s\n    timeout client 1h\n    timeout server 1h\n\nlisten primary\n    bind :5000\n${more}    ${server}\n`,
  });
const REST = '    option httpchk GET /primary\n    http-check expect status 200\n';
const FAST = '    default-server inter 500ms fall 2 rise 1 on-marked-down shutdown-sessions\n';

export const haproxy: readonly Rule[] = [
  {
    id: 'haproxy-shutdown-sessions',
    title: 'Clients stay with a primary that is none any more',
    ...{ severity: 'error', kinds: ['haproxy'], fixable: false },
    source: 'HAProxy 2.6 configuration manual, 5.2: on-marked-down shutdown-sessions',
    why: 'A server that is marked down gets no new connections, and keeps those it has: after a failover clients go on talking to the old primary, or wait for one that will never answer.',
    fix: 'default-server on-marked-down shutdown-sessions',
    bad: proxy(`${REST}    default-server inter 500ms fall 2 rise 1\n`),
    good: proxy(REST + FAST),
    check: (scene) =>
      waysOf(scene).flatMap((way): Hit[] => {
        if (ofServers(way, 'on-marked-down')?.text === 'shutdown-sessions') return [];
        return [{ at: nameOf(way), says: `${nameOf(way).text}: sessions stay with a server that was marked down` }];
      }),
  },
  {
    id: 'haproxy-check-time',
    title: 'A lost server is noticed late',
    ...{ severity: 'warning', kinds: ['haproxy'], fixable: false },
    source: 'HAProxy 2.6 configuration manual, 5.2: inter, fall',
    why: 'A server is out after fall checks that failed, inter apart (2 s and 3 by default): that comes on top of every failover.',
    fix: 'default-server inter 500ms fastinter 200ms downinter 200ms fall 2 rise 1',
    bad: proxy(`${REST}    default-server on-marked-down shutdown-sessions\n`),
    good: proxy(REST + FAST),
    check: (scene) =>
      waysOf(scene).flatMap((way): Hit[] => {
        const [inter, fast, fall] = ['inter', 'fastinter', 'fall'].map((name) => ofServers(way, name));
        const [every, count] = [seconds(inter?.text ?? '2s') ?? 2, Number(fall?.text ?? 3)];
        // After the first that failed, checks come every fastinter.
        const total = every + (count - 1) * (seconds(fast?.text ?? '') ?? every);
        return total > MOST_SECONDS
          ? [
              {
                at: inter ?? fall ?? nameOf(way),
                says: `${nameOf(way).text}: a lost server is noticed after ${Number(total.toFixed(1))} s (inter ${every} s, fall ${count}${inter === undefined ? ', defaults' : ''})`,
              },
            ]
          : [];
      }),
  },
  {
    id: 'haproxy-no-role-check',
    title: 'Any server that answers is taken for the primary',
    ...{ severity: 'error', kinds: ['haproxy'], fixable: false },
    source: 'Patroni REST API: /primary, /replica; HAProxy 2.6 configuration manual: option httpchk',
    why: 'A standby accepts connections as well: by a check of the port alone, writes go to whichever member comes next, and fail there.',
    fix: 'option httpchk, http-check send meth GET uri /primary, http-check expect status 200, and check port 8008 on each server.',
    bad: proxy(FAST, 'server pg1 10.0.0.1:5432 check'),
    good: proxy(REST + FAST),
    check: (scene) =>
      waysOf(scene).flatMap((way): Hit[] => {
        const servers = way.section.lines.filter(({ keyword }) => keyword === 'server');
        const isChecked =
          servers.some(({ words }) => words.some(({ text }) => text === 'check')) ||
          has(way, 'default-server', 'check');
        if (!isChecked) return [{ at: nameOf(way), says: `${nameOf(way).text}: its servers are not checked at all` }];
        return has(way, 'option', 'httpchk')
          ? []
          : [
              {
                at: nameOf(way),
                says: `${nameOf(way).text}: who is primary is not asked, only whether the port answers`,
              },
            ];
      }),
  },
  {
    id: 'haproxy-connect-timeout',
    title: 'A connection that cannot be made is waited for',
    ...{ severity: 'warning', kinds: ['haproxy'], fixable: false },
    source: 'HAProxy 2.6 configuration manual: timeout connect',
    why: 'A machine that lost its power does not refuse, it is silent: each client waits this long, three times over (retries).',
    fix: 'timeout connect 2s',
    bad: example({
      haproxy: `defaults\n    mode tcp\n    timeout client 1h\n    timeout server 1h\n\nlisten primary\n    bind :5000\n${REST}${FAST}    server pg1 10.0.0.1:5432 check port 8008\n`,
    }),
    good: proxy(REST + FAST),
    check: (scene) =>
      waysOf(scene).flatMap((way): Hit[] => {
        const timeout = timeoutOf(way, 'connect');
        if (timeout === undefined)
          return [{ at: nameOf(way), says: `${nameOf(way).text}: there is no timeout connect` }];
        return (timeout.seconds ?? 0) > 5
          ? [{ at: timeout.at, says: `each client waits ${timeout.at.text} for a machine that is silent` }]
          : [];
      }),
  },
  {
    id: 'haproxy-session-timeout',
    title: 'Sessions that think are cut',
    ...{ severity: 'warning', kinds: ['haproxy'], fixable: false },
    source: 'HAProxy 2.6 configuration manual: timeout client, timeout server',
    why: 'They are for silence in either direction: a statement that runs longer, or a pooled connection that is idle, is closed, and its client learns it from an error.',
    fix: 'timeout client 1h and timeout server 1h, with option clitcpka and srvtcpka for peers that vanished.',
    bad: example({
      haproxy: `defaults\n    mode tcp\n    timeout connect 2s\n    timeout client 50000\n    timeout server 50000\n\nlisten primary\n    bind :5000\n${REST}${FAST}    server pg1 10.0.0.1:5432 check port 8008\n`,
    }),
    good: proxy(REST + FAST),
    check: (scene) =>
      waysOf(scene).flatMap((way) =>
        ['client', 'server'].flatMap((name): Hit[] => {
          const timeout = timeoutOf(way, name);
          return timeout?.seconds !== undefined && timeout.seconds < 600 && timeout.seconds > 0
            ? [
                {
                  at: timeout.at,
                  says: `a session that is silent for ${timeout.seconds} s is cut: a long statement, an idle pool`,
                },
              ]
            : [];
        }),
      ),
  },
  {
    id: 'haproxy-rest-only',
    title: 'Patroni’s death alone is an outage',
    ...{ severity: 'info', kinds: ['haproxy'], fixable: false },
    source: 'HAProxy, option httpchk; measured on the reference cluster',
    why: 'Where only the REST API says who is primary, a Patroni that was killed beside a healthy PostgreSQL takes it out of service: 4.7 s were measured, against 0.1 to 1 s by routes that ask PostgreSQL.',
    fix: 'Clients with target_session_attrs=read-write, or a pool that follows the primary; or bear it, and keep Patroni alive (Restart=always).',
    bad: proxy(REST + FAST),
    good: proxy(`    option pgsql-check user haproxy\n${FAST}`, 'server pg1 10.0.0.1:5432 check'),
    check: (scene) =>
      waysOf(scene).flatMap((way): Hit[] => {
        const isRest = has(way, 'option', 'httpchk') && ofServers(way, 'port') !== undefined;
        const isRole = allLines(way).some(({ words }) =>
          words.some(({ text }) => /\/(primary|master|leader|read-write)\b/.test(text)),
        );
        return isRest && isRole
          ? [{ at: nameOf(way), says: `${nameOf(way).text}: only Patroni’s REST API says who is primary` }]
          : [];
      }),
  },
];
