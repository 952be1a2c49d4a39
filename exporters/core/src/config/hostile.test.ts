import fc from 'fast-check';
import { stringify } from 'yaml';
import { runs } from '../../test/fuzz';
import { SubmilliError } from '../errors';
import { parseConfig } from './load';
import { type Config, configSchema } from './schema';

const SECRET = 'hunter2';

/** A configuration that has every key; what it leaves out has a default, which is filled in. */
const member = { address: 'h', memory_mb: 2048, cores: 2, disk_gb: 20 };
const secured = { password: SECRET, sslrootcert: 'ca.pem', sslcert: 'c.pem', sslkey: 'k.pem' };
const place = { host: 'h', database: 'd' };
const https = { ca_file: 'ca.pem', cert_file: 'c.pem', key_file: 'k.pem' };
const complete: Config = configSchema.parse({
  ...{ web_config_file: 'web.yml', state_directory: 'state', compatibility: ['patroni'], disabled_collectors: ['io'] },
  postgres: [
    {
      ...{ name: 'pg1', ...secured, log: { directory: 'log' } },
      canary: { database: 'd', password: SECRET, pool: place },
    },
    { name: 'pg2', password_file: 'f', canary: { database: 'd', password_file: 'f', pool: 'pool' } },
  ],
  pgbouncer: [
    { name: 'pool', ...secured, probe: { database: 'd', user: 'probe', password: SECRET, direct: place } },
    { name: 'pool2', password_file: 'f', probe: { database: 'd', user: 'probe', direct: 'pg1' } },
  ],
  clusters: [
    {
      ...{ name: 'c', patroni: ['https://h:8008'], postgres: ['pg1'], etcd: ['https://h:2379'], watchdog: 'off' },
      ...{ patroni_user: 'u', patroni_password: SECRET, patroni_ca_file: 'ca.pem', etcd_ca_file: 'ca.pem' },
      ...{ patroni_cert_file: 'c.pem', patroni_key_file: 'k.pem', etcd_cert_file: 'c.pem', etcd_key_file: 'k.pem' },
      ...{ backup: { stanza: 'demo', verified_file: 'v.json' }, drills_directory: 'drills' },
    },
  ],
  witness: {
    ...{ name: 'a', witnesses: ['a', 'b', 'c'], scope: 'main', patroni: https },
    etcd: { urls: ['https://h:2379'], ...https, user: 'u', password: SECRET },
  },
  reference: {
    versions: { postgresql: 15, patroni: '3.0.2' },
    members: [{ name: 'm1', ...member }],
    etcd: [{ name: 'e1', address: 'h' }],
    pools: [{ name: 'p1', address: 'h' }],
    proxies: [{ name: 'x1', address: 'h' }],
    ...{ clients: ['h'], watchers: ['h'], operators: ['h'] },
    backup: {
      repositories: [{ path: '/a' }, { path: '/b', s3: { endpoint: 'h', bucket: 'b', region: 'r' } }],
    },
    settings: { postgresql: { work_mem: '4MB' }, pgbouncer: { pkt_buf: 4096 }, patroni: { ttl: 20 } },
    deploy: { machines: { m1: 'ssh://root@h:22' }, ssh_config: 'ssh', score_url: 'http://h/' },
  },
});

type Path = readonly (string | number)[];

/** Where something is in a value, itself included. */
const pathsIn = (value: unknown, at: Path = []): Path[] => {
  if (typeof value !== 'object' || value === null) return [at];
  const keys = Array.isArray(value) ? [...value.keys()] : Object.keys(value);
  return [at, ...keys.flatMap((key) => pathsIn((value as Record<string | number, unknown>)[key], [...at, key]))];
};

/** A copy with something else in one place. */
const put = (value: unknown, [key, ...rest]: Path, other: unknown): unknown => {
  if (key === undefined) return other;
  if (Array.isArray(value)) return value.map((item: unknown, i) => (i === key ? put(item, rest, other) : item));
  const entries = Object.entries(value as object).map(([name, item]: [string, unknown]) => [
    name,
    name === key ? put(item, rest, other) : item,
  ]);
  return Object.fromEntries(entries) as unknown;
};

/** The refusal of a text, or nothing if it is taken. Anything but a refusal that says what, where and what to do fails. */
const refusalOf = (text: string): string | undefined => {
  try {
    parseConfig(text, 'submilli.yml', { HOME: '/root' });
    return undefined;
  } catch (error) {
    if (!(error instanceof SubmilliError)) throw error;
    expect(error.where).toBe('submilli.yml');
    expect(error.hint).toMatch(/\w/);
    return error.message;
  }
};

const numbers = [0, -1, 1.5, 70_000, 1e308, Infinity, -Infinity, NaN];
const texts = [
  '',
  ' ',
  '${HOME}',
  '${NOWHERE}',
  '__proto__',
  'h:99999',
  'http://h:1',
  '\u0000',
  '\ud800',
  'a'.repeat(5000),
];
const anything = fc.oneof(
  fc.constantFrom<unknown>(null, true, ...numbers, ...texts, [], {}, [[]], ['a', 'a'], { password: SECRET }),
  fc.anything({ maxDepth: 3, withBigInt: true, withDate: true, withMap: true, withSet: true, withNullPrototype: true }),
);

describe('whatever a configuration says', () => {
  const paths = pathsIn(complete).filter((path) => path.length > 0);
  const isSecret = (path: Path): boolean => String(path.at(-1)).endsWith('password');

  it('is taken as it is when it has every key', () => {
    expect(paths.length).toBeGreaterThan(200);
    expect(paths.filter(isSecret)).toHaveLength(6);
    expect(refusalOf(stringify(complete))).toBeUndefined();
  });

  it('at any key, is taken or refused by that file, a key and what to do, and no secret is told', () => {
    fc.assert(
      fc.property(fc.constantFrom(...paths), anything, (path, value) => {
        const given = isSecret(path) && typeof value !== 'string' ? [SECRET, value] : value;
        let text: string;
        try {
          text = stringify(put(complete, path, given));
        } catch {
          return; // Symbols and functions have no YAML.
        }
        const refusal = refusalOf(text);
        expect(refusal ?? '').not.toContain(SECRET);
        if (refusal !== undefined && !/not valid YAML|is used but the environment/.test(refusal)) {
          expect(refusal).toMatch(/^submilli\.yml: (?:[^:\n]+: (?:expected|unknown key|a )[^\n]*(?:\n {2})?)+$/);
        }
      }),
      runs(150),
    );
  });

  it('in YAML that is broken in any way, no secret is told, nor a prototype changed', () => {
    const pieces = [
      ...[
        ':',
        ': ',
        '-',
        '- ',
        '?',
        ' ',
        '\n',
        '\n  ',
        '\t',
        '[',
        ']',
        '{',
        '}',
        ',',
        '#',
        '"',
        "'",
        '|',
        '>',
        '\\',
        '\\x',
      ],
      ...[
        '&',
        '*',
        '!',
        '!!',
        '!!set',
        '!!omap',
        '!!binary',
        '!!int',
        '%',
        '%YAML 1.1\n---\n',
        '@',
        '`',
        '---\n',
        '...\n',
        '<<: ',
      ],
      ...['&a ', '*a', '__proto__: ', 'constructor: ', 'postgres', 'name', 'a', '1', '~', '\u0000', '\ufeff', '\u2028'],
      ...['postgres:\n  - name: a\n    password: ', 'password', SECRET],
    ];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 14 }), (parts) => {
        // A key is told.
        const refusal = refusalOf(parts.join(''))?.replaceAll(/unknown key .*/g, '');
        expect(refusal ?? '').not.toContain(SECRET);
        expect(Object.keys(Object.prototype)).toEqual([]);
      }),
      runs(500),
    );
  });
});

describe('a configuration that tells a secret in the wrong place', () => {
  it.each([
    ['a quote that is not closed', `postgres:\n  - {name: a, password: "${SECRET}}`],
    ['a value that is no alias', `postgres:\n  - {name: a, password: *${SECRET}}`],
    ['a value that is no tag', `postgres:\n  - {name: a, password: !${SECRET} x}`],
    ['no space behind the colon', `postgres:\n  - {name: a, password:${SECRET}}`],
    ['a line that belongs nowhere', `postgres: []\npassword:${SECRET}\n`],
    ['a URL with a password', `clusters:\n  - {name: c, patroni: ["http://u:${SECRET}@h:8008"]}`],
    ['a URL with a password and no slashes', `clusters:\n  - {name: c, patroni: ["http:u:${SECRET}@h:8008"]}`],
    ['a URL where none is taken', `postgres:\n  - {name: a, host: 5, port: "postgres://u:${SECRET}@h/d"}`],
  ])('is refused without it: %s', (_, text) => {
    const refusal = refusalOf(text);
    expect(refusal).toBeDefined();
    expect(refusal).not.toContain(SECRET);
  });
});

describe('a configuration that is a bomb', () => {
  const laughs = ['a: &a0 [x, x, x, x, x, x, x, x, x]'];
  for (let i = 1; i < 10; i += 1)
    laughs.push(
      `a${i}: &a${i} [${Array(9)
        .fill(`*a${i - 1}`)
        .join(', ')}]`,
    );
  it.each([
    ['aliases of aliases', laughs.join('\n')],
    ['an alias of itself', 'postgres: &a [*a]'],
    ['a map merged into itself', 'limits: &a {<<: *a}'],
    ['brackets', '['.repeat(100_000)],
    ['maps', '{a: '.repeat(100_000)],
    ['dashes', `${'- '.repeat(100_000)}a`],
    ['keys', Array.from({ length: 3000 }, (_, i) => `${' '.repeat(i)}a:\n`).join('')],
    ['question marks', '? '.repeat(100_000)],
    ['quoted brackets and a merge of nothing', '<<: 1'],
  ])('of %s is refused', (_, text) => {
    expect(refusalOf(text)).toMatch(/^submilli\.yml: (not valid YAML|.*unknown key|\(top level\))/);
  });
});
