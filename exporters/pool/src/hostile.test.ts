import {
  configSchema,
  createTarget,
  deadlineIn,
  Problem,
  serialise,
  silentLogger,
  type SqlSession,
  systemClock,
} from '@submilli/core';
import fc from 'fast-check';
import { runs } from '../../core/test/fuzz';
import { type Answers, answersOf, published } from '../test/fixtures';
import { poolExporter } from '.';
import { databases } from './collectors/databases';
import { limits } from './collectors/limits';
import { lists } from './collectors/lists';
import { memory } from './collectors/memory';
import { peerPools } from './collectors/peer-pools';
import { pools } from './collectors/pools';
import { state } from './collectors/state';
import { stats } from './collectors/stats';
import { users } from './collectors/users';
import { numberOf, type ShowRow } from './show';

/** What is no number, whatever JavaScript would make of it. */
const noNumbers = [
  ...[
    null,
    undefined,
    '',
    ' ',
    '\n',
    'abc',
    'NaN',
    'Infinity',
    '-Infinity',
    '1e999',
    '0x10',
    '0b1',
    '12abc',
    '1 2',
    '--1',
  ],
  ...[true, false, {}, [], [5], new Date(0), Number.NaN, Infinity, '١٢', '1_000', '\u0000', 'none', '-', '+'],
];
const noNumber = fc.oneof(
  fc.constantFrom<unknown>(...noNumbers),
  fc.string().filter((text) => !/\d/.test(text)),
);
const anything = fc.oneof(
  noNumber,
  fc.double(),
  fc.string({ unit: 'binary' }),
  fc.bigInt().map(String),
  fc.constant('-7'),
);

const versions = ['1.18.0', '1.25.2'] as const;

/** Those that publish a row's own numbers; the others sum up. */
const plain = {
  ...{
    'SHOW STATS': stats,
    'SHOW POOLS': pools,
    'SHOW DATABASES': databases,
    'SHOW LISTS': lists,
    'SHOW CONFIG': limits,
  },
  ...{ 'SHOW USERS': users, 'SHOW MEM': memory, 'SHOW PEER_POOLS': peerPools, 'SHOW STATE': state },
} as const;

const withValue = (rows: readonly ShowRow[], at: number, column: string, value: unknown): ShowRow[] =>
  rows.map((row, i) => (i === at ? { ...row, [column]: value } : row));

/** Where a number stands that is a value: all but a port, which is a label. */
const numbers = versions.flatMap((version) =>
  (Object.keys(plain) as (keyof typeof plain)[]).flatMap((command) =>
    (answersOf(version)[command] ?? []).flatMap((row, at) =>
      Object.keys(row)
        .filter((column) => column !== 'port' && (numberOf(row, column) !== null || command === 'SHOW STATE'))
        .filter((column) => column !== 'key')
        .map((column) => ({ version, command, at, column })),
    ),
  ),
);

describe('a column that should be a number', () => {
  it('and is none makes its own series absent, and changes no other', () => {
    expect(numbers.length).toBeGreaterThan(300);
    fc.assert(
      fc.property(fc.constantFrom(...numbers), noNumber, ({ version, command, at, column }, value) => {
        const collector = plain[command];
        const rows = answersOf(version)[command] ?? [];
        const before = published(collector, rows);
        const after = published(collector, withValue(rows, at, column, value));
        for (const [series, number] of after) expect([series, number]).toEqual([series, before.get(series)]);
      }),
      runs(500),
    );
  });
});

describe('the pool exporter', () => {
  const config = configSchema.parse({
    pgbouncer: [{ name: 'p' }],
    pool_sampling_hz: 0,
    compatibility: ['pgbouncer_exporter'],
  });
  const [{ source } = { source: undefined }] = poolExporter.targets(config, systemClock);
  if (source === undefined) throw new Error('no target');

  /** A scrape of a PgBouncer that answers so. */
  const scrape = async (answers: Answers | ((text: string) => readonly ShowRow[])): Promise<string> => {
    const query: SqlSession['query'] = (text) =>
      Promise.resolve().then(() => (typeof answers === 'function' ? answers(text) : (answers[text] ?? [])));
    const opened = {
      session: { query, certificate: () => null },
      isClosed: () => false,
      close: () => Promise.resolve(),
    };
    const target = createTarget({
      ...{ name: 'p', registry: { ...poolExporter.registry, probes: [] }, config, clock: systemClock },
      ...{ random: () => 0, log: silentLogger, source: { ...source, open: () => Promise.resolve(opened) } },
    });
    const { families } = await target.scrape(deadlineIn(9000, systemClock));
    await target.close();
    return serialise(families);
  };
  const failing = (text: string): string[] =>
    [...text.matchAll(/^db_exporter_collector_success\{collector="([^"]+)"\} 0$/gm)].map(([, name = '']) => name);

  it('answers whatever any SHOW has for rows: a series that is no number is not even counted as dropped', async () => {
    const change = fc.record({
      command: fc.nat(),
      row: fc.nat(),
      column: fc.nat(),
      how: fc.constantFrom('value', 'remove', 'add', 'repeat', 'empty', 'rename'),
      value: anything,
    });
    const changed = (
      answers: Answers,
      { command, row, column, how, value }: ReturnType<typeof change.generate>['value'],
    ) => {
      const names = Object.keys(answers).filter((name) => name !== 'SHOW VERSION');
      const name = names[command % names.length] ?? '';
      const rows = answers[name] ?? [];
      const at = row % Math.max(1, rows.length);
      const known = Object.keys(rows[at] ?? {});
      const key = known[column % Math.max(1, known.length)] ?? 'x';
      const without = (one: ShowRow): ShowRow => Object.fromEntries(Object.entries(one).filter(([own]) => own !== key));
      const next = {
        value: () => withValue(rows, at, key, value),
        remove: () => rows.map(without),
        add: () => rows.map((one) => ({ ...one, [`__proto__`]: value, later: value })),
        repeat: () => [...rows, ...rows],
        empty: () => [],
        rename: () => rows.map((one) => ({ ...without(one), [String(value)]: one[key] })),
      }[how]();
      return { ...answers, [name]: next };
    };
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...versions),
        fc.array(change, { minLength: 1, maxLength: 6 }),
        async (version, changes) => {
          const text = await scrape(changes.reduce<Answers>(changed, answersOf(version)));
          expect(text).toContain('\ndb_exporter_up 1\n');
          expect(text.split('\n').filter((line) => / (NaN|[+-]?Inf\w*)$|reason="invalid"/.test(line))).toEqual([]);
        },
      ),
      runs(100),
    );
  });

  it('goes on with all others when one command fails, and says which one did', async () => {
    const healthy = failing(await scrape(answersOf('1.25.2')));
    expect(healthy).toEqual([]);
    for (const command of Object.keys(plain)) {
      const text = await scrape((asked) => {
        if (asked === command) throw new Problem('other', { what: 'no' });
        return answersOf('1.25.2')[asked] ?? [];
      });
      expect(failing(text)).toEqual([Object.values(plain)[Object.keys(plain).indexOf(command)]?.name]);
    }
  });
});
