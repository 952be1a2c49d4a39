import fc from 'fast-check';
import { openFile } from '../files/open';
import { kinds } from '../scene';
import { parseConnection, parsePgbouncer } from './pgbouncer';
import { parseHaproxy } from './haproxy';
import { parseHba } from './hba';
import { parseEnvironment, parseIni } from './ini';
import { type Place, positionOf, type Source } from './place';
import { parsePostgresqlConf } from './postgresql-conf';
import { booleanOf, quantityOf } from './quantity';
import { parseUserlist } from './userlist';
import { at, parseYaml } from './yaml';

const source = (text: string): Source => ({ path: 'file', text });
const none = (): undefined => undefined;
const raw = ({ source: { text }, start, end }: Place): string => text.slice(start, end);

describe('a place', () => {
  it('is counted from 1, in lines and in characters', () => {
    expect(positionOf(source('ab\ncd'), 0)).toEqual({ line: 1, column: 1 });
    expect(positionOf(source('ab\ncd'), 4)).toEqual({ line: 2, column: 2 });
    expect(positionOf(source('ab\ncd'), 99)).toEqual({ line: 2, column: 3 });
  });
});

describe('pgbouncer.ini', () => {
  it('takes a comment for one only at the beginning of a line', () => {
    const { settings } = parsePgbouncer(source('[pgbouncer]\n; no\n# no\n  a = 1 ; yes\n'), none);
    expect(settings.map(({ name, value }) => [name.text, value.text])).toEqual([['a', '1 ; yes']]);
  });

  it('goes on in its section in what it includes, and after it', () => {
    const inner = { path: 'inner', text: 'app = host=a\n' };
    const { settings } = parsePgbouncer(source('[databases]\n%include x\nb = host=b\n'), () => inner);
    expect(settings.map(({ section, name }) => `${section}.${name.text}@${name.source.path}`)).toEqual([
      'databases.app@inner',
      'databases.b@file',
    ]);
  });

  it('that includes itself ends', () => {
    const self = source('[a]\n%include file\n');
    expect(parsePgbouncer(self, () => self).sections.length).toBeLessThan(50);
  });

  it('has quotes around odd names and values of a database', () => {
    const [setting] = parsePgbouncer(
      source(`[databases]\n"my db" = host=a connect_query='select ''x'''\n`),
      none,
    ).settings;
    expect(setting?.name.text).toBe('my db');
    const { parts } = parseConnection(
      setting?.value ?? { ...source(''), source: source(''), start: 0, end: 0, text: '' },
    );
    expect(parts.map(({ name, value }) => [name.text, value.text])).toEqual([
      ['host', 'a'],
      ['connect_query', "select 'x'"],
    ]);
  });

  it('names the line that is none', () => {
    const { broken } = parsePgbouncer(source('[pgbouncer]\nquery_timeout 5\n[open\n'), none);
    expect(broken.map(({ place }) => positionOf(place.source, place.start).line)).toEqual([2, 3]);
  });
});

describe('postgresql.conf', () => {
  it.each([
    ['work_mem = 4MB', 'work_mem', '4MB'],
    ['work_mem 4MB # why', 'work_mem', '4MB'],
    ["  log_line_prefix = '%m ''q'' \\t' # x", 'log_line_prefix', "%m 'q' \t"],
    ["pg_stat_statements.max='5000'", 'pg_stat_statements.max', '5000'],
    ["archive_command = ''", 'archive_command', ''],
    ['log_file_mode = 0640', 'log_file_mode', '0640'],
  ])('reads %s', (line, name, value) => {
    const { settings, broken } = parsePostgresqlConf(source(`${line}\n`), none);
    expect(broken).toEqual([]);
    expect(settings.map((one) => [one.name.text, one.value.text])).toEqual([[name, value]]);
  });

  it.each(['work_mem = 4MB extra', "a = 'open", '= 4', 'work_mem ='])('refuses %s', (line) => {
    expect(parsePostgresqlConf(source(line), none).broken).toHaveLength(1);
  });
});

describe('quantities', () => {
  it.each([
    ['2GB', '8kB', 2 * 1024 ** 3],
    ['16384', '8kB', 16_384 * 8192],
    ['5s', 'ms', 5],
    ['5000', 'ms', 5],
    ['1.5h', 's', 5400],
    ['-1', '8kB', -1],
    ['0640', '', 0o640],
    ['2Gb', '8kB', undefined],
    ['5 apples', 's', undefined],
  ])('%s with the unit %s', (text, unit, value) => expect(quantityOf(text, unit)).toBe(value));

  it('are booleans by any beginning that is one of a kind', () => {
    expect(['on', 'TRUE', 'y', '1', 'of', 'n', 'f', '0'].map(booleanOf)).toEqual([
      true,
      true,
      true,
      true,
      false,
      false,
      false,
      false,
    ]);
    expect(['o', 'maybe', ''].map(booleanOf)).toEqual([undefined, undefined, undefined]);
  });
});

describe('pg_hba.conf', () => {
  it('has lists, quotes, masks, options and lines that go on', () => {
    const text =
      'hostssl a,"b c" all 10.0.0.0 255.0.0.0 scram-sha-256 clientcert=verify-full # x\nlocal all \\\n  all peer\n';
    const { records, broken } = parseHba(source(text));
    expect(broken).toEqual([]);
    expect(
      records.map(({ databases, mask, method }) => [databases.map((one) => one.text), mask?.text, method.text]),
    ).toEqual([
      [['a', 'b c'], '255.0.0.0', 'scram-sha-256'],
      [['all'], undefined, 'peer'],
    ]);
    expect(records[0]?.options.map(({ name }) => name)).toEqual(['clientcert']);
  });

  it.each(['hots all all 10.0.0.1/32 md5', 'host all all', 'local "all all peer'])('refuses %s', (line) => {
    expect(parseHba(source(line)).broken).toHaveLength(1);
  });
});

describe('the others', () => {
  it('haproxy.cfg has sections, quotes and escapes', () => {
    const { sections } = parseHaproxy(source('defaults # x\n  timeout connect 2s\nlisten a\n  log "a b" c\\ d\n'));
    expect(sections.map(({ kind, lines }) => [kind, lines.map(({ words }) => words.map(({ text }) => text))])).toEqual([
      ['defaults', [['timeout', 'connect', '2s']]],
      ['listen', [['log', 'a b', 'c d']]],
    ]);
  });

  it('userlist.txt has two quoted words a line', () => {
    const { users, broken } = parseUserlist(source('"a""b" "c" x\nd e\n'));
    expect(users.map(({ name, secret }) => [name.text, secret.text])).toEqual([['a"b', 'c']]);
    expect(broken).toHaveLength(1);
  });

  it('pgbackrest.conf and etcd’s variables', () => {
    expect(parseIni(source('a=1\n[global]\nrepo1-path=/b\n')).broken).toHaveLength(1);
    expect(parseEnvironment(source('ETCD_NAME="a b" # x\n')).settings[0]?.value.text).toBe('a b');
  });

  it('YAML has anchors, merged maps and what stands there, as it is written', () => {
    const { root } = parseYaml(source('a: &x {b: 0640}\nc:\n  <<: *x\n  d: "on"\n'));
    expect([at(root, 'c', 'b')?.text, at(root, 'c', 'd')?.text, at(root, 'c', 'd')?.quoted]).toEqual([
      '0640',
      'on',
      true,
    ]);
    expect(parseYaml(source('a: [1\nb')).broken.length).toBeGreaterThan(0);
  });
});

/** Text that is nearly a configuration: pieces of the formats, put together at random. */
const pieces = fc.constantFrom(
  ...[
    '[pgbouncer]',
    '%include x',
    'a = ',
    "'",
    '"',
    '\\',
    '\n',
    '\r\n',
    '#',
    ';',
    'host all all',
    '10.0.0.1/32',
    ' md5',
  ],
  ...[
    'ttl: 8',
    '  - ',
    ': ',
    '{',
    '}',
    '[',
    '&a ',
    '*a',
    '<<: ',
    '|\n',
    'listen x',
    'server a b',
    '= 4MB',
    '\t',
    'é',
    '\u0000',
  ],
);
const text = fc.oneof(
  fc.string(),
  fc.array(fc.oneof(pieces, fc.string({ maxLength: 4 })), { maxLength: 40 }).map((all) => all.join('')),
);

describe('any text at all', () => {
  it.each(kinds)('is read as %s without a crash, and every place is inside it', (kind) => {
    fc.assert(
      fc.property(text, (one) => {
        const file = openFile(kind, source(one), none);
        for (const { place } of file.broken) {
          expect(place.start).toBeGreaterThanOrEqual(0);
          expect(place.start).toBeLessThanOrEqual(one.length + 1);
        }
      }),
    );
  });

  it('of names and values comes back from its places as it was written', () => {
    const name = fc.stringMatching(/^[a-z][a-z_]{0,12}$/).filter((one) => !one.startsWith('include'));
    const value = fc.stringMatching(/^[a-z0-9][a-z0-9_.]{0,12}$/);
    fc.assert(
      fc.property(fc.array(fc.tuple(name, value, fc.nat(3)), { minLength: 1 }), (rows) => {
        const lines = rows.map(([key, is, blanks]) => `${' '.repeat(blanks)}${key} =${' '.repeat(blanks)}${is}`);
        const inPool = parsePgbouncer(source(['[pgbouncer]', ...lines].join('\n')), none).settings;
        const inServer = parsePostgresqlConf(source(lines.join('\n')), none).settings;
        for (const settings of [inPool, inServer]) {
          expect(settings.map((one) => [raw(one.name), raw(one.value)])).toEqual(rows.map(([key, is]) => [key, is]));
        }
      }),
    );
  });
});
