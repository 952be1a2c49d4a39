import { elsewhere, knownSetting, settingNames } from '../../known/postgresql';
import { nearest } from '../../known/nearest';
import { booleanOf, bytesText, quantityOf, secondsText } from '../../parse/quantity';
import { example, type Hit, type Rule } from '../../rule';
import { filesOf } from '../../scene';
import type { ServerSetting } from '../../view/server';
import { conf, inServers } from './factory';

/** What is wrong with a value, by pg_settings of PostgreSQL 15. */
const wrongWith = ({ name, value: { text } }: ServerSetting): string | undefined => {
  const known = knownSetting(name.text);
  if (known === undefined) return undefined;
  switch (known.type) {
    case 'bool':
      return booleanOf(text) === undefined ? `${known.name} is on or off, not "${text}"` : undefined;
    case 'enum': {
      const own = text.toLowerCase();
      // Some take a boolean’s other spellings as well.
      const isBoolean = booleanOf(text) !== undefined && known.values.some((one) => one === 'on' || one === 'off');
      if (isBoolean || known.values.some((one) => one.toLowerCase() === own)) return undefined;
      const isOld = known.name === 'wal_level' && ['hot_standby', 'archive'].includes(own);
      return isOld ? undefined : `${known.name} is one of ${known.values.join(', ')}, not "${text}"`;
    }
    case 'integer':
    case 'real': {
      const number = quantityOf(text, known.unit);
      if (number === undefined) {
        const units =
          known.unit === ''
            ? 'a bare number'
            : `a number${known.unit.endsWith('B') ? ' with kB, MB, GB or TB' : ' with ms, s, min, h or d'} (bare: in ${known.unit})`;
        return `${known.name} is ${units}, not "${text}"`;
      }
      const base = (limit: number): number => quantityOf(String(limit), known.unit) ?? limit;
      if (number >= base(known.min) && number <= base(known.max)) return undefined;
      const shown = (limit: number): string =>
        known.unit === '' || limit <= 0
          ? String(limit)
          : known.unit.endsWith('B')
            ? bytesText(base(limit))
            : secondsText(base(limit));
      return `${known.name} is from ${shown(known.min)} to ${shown(known.max)}, not ${text}`;
    }
    case 'string':
      return undefined;
  }
};

export const file: readonly Rule[] = [
  {
    id: 'postgresql-unknown-setting',
    title: 'PostgreSQL does not know the setting, and does not start',
    ...{ severity: 'error', kinds: ['postgresql', 'patroni'], fixable: false },
    source: 'PostgreSQL 15.18: pg_settings; other versions by Patroni’s list of parameters',
    why: '"unrecognized configuration parameter": a running server ignores the file’s other changes as well, and does not come back from its next restart. Under Patroni the parameter is left out with a line in the log.',
    fix: 'The name that was meant; what an extension brings has its name before a dot.',
    bad: conf('shared_bufers = 2GB'),
    good: conf('shared_buffers = 2GB'),
    check: inServers(({ all }, { versions }) =>
      all.flatMap(({ name }): Hit[] => {
        if (name.text.includes('.') || knownSetting(name.text) !== undefined) return [];
        const other = elsewhere(name.text);
        if (other !== undefined) {
          const [since, gone] = [Number(other.since), Number(other.gone ?? Infinity)];
          if (since <= versions.postgresql && versions.postgresql < gone) return [];
          const when =
            since > versions.postgresql
              ? `known from PostgreSQL ${other.since} on`
              : `gone since PostgreSQL ${other.gone ?? ''}`;
          return [{ at: name, says: `${name.text} is ${when}; this is for ${versions.postgresql}` }];
        }
        const near = nearest(name.text, settingNames());
        return [{ at: name, says: `PostgreSQL has no setting ${name.text}${near === undefined ? '' : `; ${near}?`}` }];
      }),
    ),
  },
  {
    id: 'postgresql-bad-value',
    title: 'PostgreSQL refuses the value, and does not start',
    ...{ severity: 'error', kinds: ['postgresql', 'patroni'], fixable: false },
    source: 'PostgreSQL 15.18: pg_settings (vartype, unit, min_val, max_val, enumvals)',
    why: 'A running server keeps the old value of all that changed; at its next start it stops here. Units are case-sensitive: mB is none.',
    fix: 'A value of the kind that it takes.',
    bad: conf('shared_buffers = 2Gb'),
    good: conf('shared_buffers = 2GB'),
    check: inServers(({ all }) =>
      all.flatMap((setting): Hit[] => {
        const wrong = wrongWith(setting);
        return wrong === undefined ? [] : [{ at: setting.value, says: wrong }];
      }),
    ),
  },
  {
    id: 'postgresql-set-twice',
    title: 'A setting stands twice in a file, with two values',
    ...{ severity: 'warning', kinds: ['postgresql', 'patroni'], fixable: false },
    source: 'PostgreSQL, Setting Parameters: the last one holds',
    why: 'The last one holds. Who reads, or changes, the first believes something else.',
    fix: 'One of them.',
    bad: conf('work_mem = 4MB\nwork_mem = 64MB'),
    good: conf('work_mem = 64MB'),
    check: inServers(({ all, settings }) =>
      all.flatMap((one): Hit[] => {
        const last = settings.get(one.name.text.toLowerCase());
        const isOver =
          last === undefined || last === one || last.origin !== one.origin || last.value.source !== one.value.source;
        if (isOver || last.value.text === one.value.text) return [];
        return [
          {
            at: one.name,
            says: `${one.name.text} is set again below, to ${last.value.text}, and that holds`,
            see: [{ at: last.value, says: 'this holds' }],
          },
        ];
      }),
    ),
  },
  {
    id: 'postgresql-auto-overrides',
    title: 'postgresql.auto.conf says something else',
    ...{ severity: 'warning', kinds: ['postgresql'], fixable: false },
    source: 'PostgreSQL, ALTER SYSTEM',
    why: 'What ALTER SYSTEM wrote is read last, and holds. A change in postgresql.conf does nothing until it is reset.',
    fix: 'ALTER SYSTEM RESET …; or the same value in both.',
    bad: {
      files: [
        { name: 'postgresql.conf', kind: 'postgresql', text: 'work_mem = 4MB\n' },
        { name: 'postgresql.auto.conf', kind: 'postgresql', text: "work_mem = '64MB'\n" },
      ],
      context: {},
    },
    good: example({ postgresql: 'work_mem = 4MB\n' }),
    check: inServers(({ all, settings }) =>
      all.flatMap((one): Hit[] => {
        const last = settings.get(one.name.text.toLowerCase());
        if (one.origin !== 'file' || last?.origin !== 'auto' || last.value.text === one.value.text) return [];
        return [
          {
            at: one.value,
            says: `ALTER SYSTEM has set ${one.name.text} to ${last.value.text}, and that holds`,
            see: [{ at: last.value, says: 'this holds' }],
          },
        ];
      }),
    ),
  },
  {
    id: 'postgresql-include',
    title: 'What is included was not looked at',
    ...{ severity: 'info', kinds: ['postgresql'], fixable: false },
    source: 'PostgreSQL, Managing Configuration File Contents: include',
    why: 'A file that is included and is not there ends the server’s start (include_if_exists does not). What it says was not looked at here.',
    fix: 'Lint where the file is, too.',
    bad: conf("include 'extra.conf'"),
    good: {
      files: [
        { name: 'postgresql.conf', kind: 'postgresql', text: "include 'extra.conf'\n" },
        { name: 'extra.conf', kind: 'postgresql', text: 'work_mem = 4MB\n' },
      ],
      context: {},
    },
    check: (scene) =>
      filesOf(scene, 'postgresql').flatMap(({ includes }) =>
        includes.filter(({ isRead }) => !isRead).map(({ path }) => ({ at: path, says: `${path.text} is not here` })),
      ),
  },
];
