import { isAbsolute } from 'node:path';
import {
  pgbouncer118Databases,
  pgbouncer118Users,
  pgbouncerLaterDatabases,
  pgbouncerLaterUsers,
} from '../../known/pgbouncer-1.18';
import { isOption, knownOption, optionNames, optionSince } from '../../known/pgbouncer';
import { nearest } from '../../known/nearest';
import { parseConnection } from '../../parse/pgbouncer';
import { placeAt } from '../../parse/place';
import { example, type Hit, pgbouncerExample, type Rule } from '../../rule';
import { filesOf } from '../../scene';

const meant = (name: string, known: readonly string[]): string => {
  const near = nearest(name, known);
  return near === undefined ? '' : `; ${near}?`;
};

const INLINE = /\s([;#].*)$/;

export const file: readonly Rule[] = [
  {
    id: 'pgbouncer-unknown-setting',
    title: 'PgBouncer does not know the setting, and does not start',
    ...{ severity: 'error', kinds: ['pgbouncer'], fixable: false },
    source: 'PgBouncer 1.18: SHOW CONFIG, pgbouncer.ini(5); later ones by their doc/config.md',
    why: 'At the start an unknown name ends PgBouncer; at a RELOAD the whole file is not taken, with a line in the log that nobody reads, and the pool is one restart away from not coming back.',
    fix: 'The name that was meant.',
    bad: pgbouncerExample('tcp_keepalive_idle = 600'),
    good: pgbouncerExample('tcp_keepidle = 600'),
    check: (scene) =>
      filesOf(scene, 'pgbouncer').flatMap(({ settings }) =>
        settings.flatMap(({ section, name, value }): Hit[] => {
          if (section === 'databases' || section === 'users') {
            const [now, later] =
              section === 'databases'
                ? [pgbouncer118Databases, pgbouncerLaterDatabases]
                : [pgbouncer118Users, pgbouncerLaterUsers];
            return parseConnection(value)
              .parts.filter((part) => ![...now, ...later].includes(part.name.text))
              .map((part) => ({
                at: part.name,
                says: `[${section}] takes no ${part.name.text}${meant(part.name.text, [...now, ...later])}`,
              }));
          }
          if (section !== 'pgbouncer' || isOption(name.text)) return [];
          const since = optionSince(name.text);
          if (since !== undefined) {
            const [minor = 0, own = 0] = [since, scene.versions.pgbouncer].map((version) =>
              Number(version.split('.')[1] ?? 0),
            );
            return own >= minor
              ? []
              : [
                  {
                    at: name,
                    says: `${name.text} is known from PgBouncer ${since} on, and ${scene.versions.pgbouncer} refuses the file`,
                  },
                ];
          }
          const near = nearest(name.text, optionNames());
          return [{ at: name, says: `PgBouncer has no setting ${name.text}${near === undefined ? '' : `; ${near}?`}` }];
        }),
      ),
  },
  {
    id: 'pgbouncer-bad-value',
    title: 'PgBouncer cannot read the value, and does not start',
    ...{ severity: 'error', kinds: ['pgbouncer'], fixable: false },
    source: 'PgBouncer 1.18: src/main.c',
    why: 'Numbers are bare: seconds (with a fraction), or milliseconds and bytes where the manual says so. There are no units, and what a setting chooses from is spelt as in the manual.',
    fix: 'A bare number, or one of the values that the manual names.',
    bad: pgbouncerExample('server_lifetime = 1h'),
    good: pgbouncerExample('server_lifetime = 3600'),
    check: (scene) =>
      filesOf(scene, 'pgbouncer').flatMap(({ settings }) =>
        settings.flatMap(({ section, name, value }): Hit[] => {
          const known = section === 'pgbouncer' ? knownOption(name.text) : undefined;
          const at = value.text === '' ? name : value;
          if (known === undefined || known.type === 'text' || INLINE.test(value.text)) return [];
          if (known.type === 'enum') {
            // Later versions know more.
            if (known.values.includes(value.text) || (name.text === 'auth_type' && value.text === 'ldap')) return [];
            return [{ at, says: `${name.text} is one of ${known.values.join(', ')}` }];
          }
          const right = known.type === 'integer' ? /^(0x[\da-f]+|\d+)$/i : /^\d+(\.\d*)?$/;
          if (right.test(value.text)) return [];
          return [
            {
              at,
              says: `${name.text} is a bare ${known.type === 'integer' ? 'whole number' : 'number of seconds'}, not "${value.text}"`,
            },
          ];
        }),
      ),
  },
  {
    id: 'pgbouncer-inline-comment',
    title: 'A comment is taken as part of the value',
    ...{ severity: 'error', kinds: ['pgbouncer'], fixable: true },
    source: 'PgBouncer, pgbouncer.ini(5): "Generic" format; its loader takes the rest of the line',
    why: 'In pgbouncer.ini a comment is a line of its own. After a value it belongs to the value: a number is refused, a text is silently another.',
    fix: 'The comment on a line of its own, above.',
    bad: pgbouncerExample('default_pool_size = 20 ; per database and role'),
    good: pgbouncerExample('; per database and role\ndefault_pool_size = 20'),
    check: (scene) =>
      filesOf(scene, 'pgbouncer').flatMap(({ settings }) =>
        settings.flatMap(({ section, name, value }): Hit[] => {
          const found = section === 'pgbouncer' ? INLINE.exec(value.text) : null;
          // A query may have one.
          if (found === null || name.text.endsWith('_query')) return [];
          const from = value.start + found.index;
          const rest = placeAt(value.source, from, value.end);
          return [
            {
              at: placeAt(value.source, from + 1, value.end),
              says: `"${found[1] ?? ''}" is part of the value of ${name.text}`,
              edit: { place: rest, text: '' },
            },
          ];
        }),
      ),
  },
  {
    id: 'pgbouncer-set-twice',
    title: 'A setting stands twice',
    ...{ severity: 'warning', kinds: ['pgbouncer'], fixable: false },
    source: 'PgBouncer, pgbouncer.ini(5)',
    why: 'The last one holds. Who reads, or changes, the first believes something else.',
    fix: 'One of them.',
    bad: pgbouncerExample('default_pool_size = 20\ndefault_pool_size = 50'),
    good: pgbouncerExample('default_pool_size = 50'),
    check: (scene) =>
      filesOf(scene, 'pgbouncer').flatMap(({ settings }) =>
        settings.flatMap((one, i): Hit[] => {
          const last = settings.findLast(({ section, name }) => section === one.section && name.text === one.name.text);
          if (last === undefined || last === one || settings.indexOf(last) <= i) return [];
          return [
            {
              at: one.name,
              says: `${one.name.text} is set again below, and that holds`,
              see: [{ at: last.value, says: 'this holds' }],
            },
          ];
        }),
      ),
  },
  {
    id: 'pgbouncer-include',
    title: 'What is included depends on where PgBouncer was started',
    ...{ severity: 'warning', kinds: ['pgbouncer'], fixable: false },
    source: 'PgBouncer, pgbouncer.ini(5): "Include directive"',
    why: 'A relative name is looked up in the working directory of the process, which is / as a daemon. A file that is not there ends PgBouncer at its start; at a RELOAD nothing of the file is taken.',
    fix: '%include with an absolute path, and a file that is there before PgBouncer starts.',
    bad: example({ pgbouncer: '[databases]\n%include primary.ini\n\n[pgbouncer]\nlisten_port = 6432\n' }),
    good: {
      files: [
        {
          name: 'pgbouncer.ini',
          kind: 'pgbouncer',
          text: '[databases]\n%include /etc/pgbouncer/primary.ini\n\n[pgbouncer]\nlisten_port = 6432\n',
        },
        { name: '/etc/pgbouncer/primary.ini', kind: 'pgbouncer', text: 'app = host=10.0.0.1\n' },
      ],
      context: {},
    },
    check: (scene) =>
      filesOf(scene, 'pgbouncer').flatMap(({ includes }) =>
        includes.flatMap(({ path, isRead }): Hit[] => {
          if (!isAbsolute(path.text))
            return [{ at: path, says: `${path.text} is looked for where PgBouncer was started` }];
          return isRead
            ? []
            : [{ at: path, severity: 'info', says: `${path.text} is not here: what it says was not looked at` }];
        }),
      ),
  },
];
