import { type AnyRule, configSchema, type Finding, type PostgresFacts } from '@submilli/core';
import type { ForeignKey } from '../surveys/foreign-keys';
import type { IndexesRow, IndexFound, IndexProblem } from '../surveys/indexes';
import type { MaintenanceRow, OverdueTable } from '../surveys/maintenance';
import type { SequenceUse } from '../surveys/sequences';
import { databaseRules } from './index';

const NOW = Date.UTC(2026, 0, 1);
const DAY = 86_400;
const facts = (role: 'primary' | 'standby'): PostgresFacts => ({
  ...{ versionNumber: 170000, systemIdentifier: '7', role, user: 'submilli', database: 'app', monitor: true },
  ...{ extensions: new Map(), functions: new Set() },
});

const check = (name: string, given: object, role: 'primary' | 'standby' = 'primary') => {
  const rule: AnyRule<PostgresFacts> | undefined = databaseRules.find((candidate) => candidate.name === name);
  if (rule === undefined) throw new Error(`no rule ${name}`);
  return rule.check(given as Record<string, unknown>, { config: configSchema.parse({}), facts: facts(role) }, NOW);
};
const findings = (name: string, given: object): readonly Finding[] => {
  const result = check(name, given);
  if ('notEvaluated' in result) throw new Error(result.notEvaluated);
  return result;
};
const reason = (name: string, given: object, role: 'primary' | 'standby' = 'primary'): string => {
  const result = check(name, given, role);
  return 'notEvaluated' in result ? result.notEvaluated : 'evaluated';
};

const index = (part: Partial<IndexFound> = {}): IndexFound => ({
  ...{ schema: 'public', table: 'orders', index: 'orders_at', method: 'btree', columns: ['at'], partial: false },
  ...{ unique: false, bytes: 50 * 1024 ** 2, scans: 0, writes: 1000, table_rows: 5000, instead: null },
  ...part,
});
const none = { count: 0, bytes: 0, worst: [] };
const indexes = (problem: IndexProblem, worst: IndexFound[], days: number | null = 40, count = worst.length) => ({
  indexes: new Map([
    [
      'app',
      {
        counted_since: days === null ? null : NOW / 1000 - days * DAY,
        indexes: 10,
        problems: {
          ...{ unused: none, duplicate: none, redundant: none, invalid: none },
          [problem]: { count, bytes: 0, worst },
        },
      } satisfies IndexesRow,
    ],
  ]),
});

const overdue = (part: Partial<OverdueTable> = {}): OverdueTable => ({
  ...{ schema: 'public', table: 'orders', rows: 1000, count: 1000, threshold: 250, last: NOW / 1000 - DAY },
  enabled: true,
  ...part,
});
const maintenance = (part: Partial<MaintenanceRow>) => ({
  maintenance: new Map([
    [
      'app',
      {
        ...{ tables: 1, dead_rows: 0, overdue_dead_rows: 0, overdue_inserted_rows: 0, overdue_freeze: 0 },
        ...{ overdue_analyze: 0, disabled: 0, dead: [], inserted: [], analyze: [], switched_off: [], oldest: [] },
        ...part,
      } satisfies MaintenanceRow,
    ],
  ]),
});

describe('unused indexes', () => {
  it('are named with their size, their age, and the way back', () => {
    const [found] = findings('unused-indexes', indexes('unused', [index({ schema: 'My Shop', index: 'a"b' })]));
    expect(found).toMatchObject({ subject: 'app: My Shop.a"b', severity: 'info', action: { reversible: true } });
    expect(found?.action.text.split('\n').slice(-2)).toEqual([
      `SELECT pg_catalog.pg_get_indexdef('"My Shop"."a""b"'::pg_catalog.regclass);`,
      'DROP INDEX CONCURRENTLY "My Shop"."a""b";',
    ]);
    expect(found?.evidence).toContainEqual({ label: 'scans are counted for', value: 40, unit: 'days' });
    expect(found?.impact).toMatchObject({ before: '50 MB', confidence: 'medium' });
    expect(found?.why).toMatch(/each standby/);
  });

  it('are not judged by less than a month of statistics, nor by statistics of unknown age, nor on a standby', () => {
    expect(reason('unused-indexes', indexes('unused', [index()], 29))).toMatch(/counted for 29 days only/);
    expect(reason('unused-indexes', indexes('unused', [index()], null))).toMatch(/it takes 30 days/);
    expect(reason('unused-indexes', indexes('unused', [index()], 31))).toBe('evaluated');
    expect(reason('unused-indexes', indexes('unused', [index()]), 'standby')).toMatch(/on the primary/);
  });
});

describe('duplicate, redundant and invalid indexes', () => {
  it('name the index that stands in', () => {
    const same = indexes('duplicate', [index({ instead: 'orders_pkey' })]);
    expect(findings('duplicate-indexes', same)[0]?.title).toBe(
      'Index orders_at of public.orders does what orders_pkey does',
    );
    const wider = indexes('redundant', [index({ instead: 'orders_at_id' })]);
    expect(findings('redundant-indexes', wider)[0]?.evidence).toContainEqual({
      ...{ label: 'beginning of', value: 'orders_at_id', unit: '' },
    });
  });

  it('are left alone where a redundant one is small', () => {
    const given = indexes('redundant', [index(), index({ index: 'small', bytes: 8192 })], 40, 900);
    const found = findings('redundant-indexes', given);
    expect(found.map(({ subject }) => subject)).toEqual(['app: public.orders_at']);
    expect(found[0]?.evidence.map(({ label }) => label)).not.toContain('others like it that are not listed');
  });

  it('are built anew when invalid, or dropped when a REINDEX left them', () => {
    const text = (part: Partial<IndexFound>): string | undefined =>
      findings('invalid-indexes', indexes('invalid', [index(part)]))[0]
        ?.action.text.split('\n')
        .find((line) => !line.startsWith('--'));
    expect(text({})).toBe('REINDEX INDEX CONCURRENTLY public.orders_at;');
    expect(text({ index: 'orders_at_ccnew' })).toBe('DROP INDEX CONCURRENTLY public.orders_at_ccnew;');
    expect(text({ index: 'orders_at_ccold1' })).toBe('DROP INDEX CONCURRENTLY public.orders_at_ccold1;');
  });

  it('are at most twenty, the largest first, and say how many more there are', () => {
    const many = Array.from({ length: 25 }, (_, i) => index({ index: `i${i}`, bytes: i, instead: 'x' }));
    const found = findings('duplicate-indexes', indexes('duplicate', many, 40, 300));
    expect(found).toHaveLength(20);
    expect(found[0]?.subject).toBe('app: public.i24');
    expect(found[0]?.evidence).toContainEqual({ label: 'others like it that are not listed', value: 280, unit: '' });
  });

  it('cannot break out of a comment by their names', () => {
    const [found] = findings('invalid-indexes', indexes('invalid', [index({ index: 'x\nDROP TABLE y; --' })]));
    const withoutNames = found?.action.text.replaceAll(/"[^"]*"/g, 'name');
    expect(withoutNames?.split('\n')).toEqual([
      '-- in database app',
      'REINDEX INDEX CONCURRENTLY public.name;',
      '-- or, if it is not wanted: DROP INDEX CONCURRENTLY public.name;',
    ]);
    expect(found?.action.text.split('\n').at(-1)).toMatch(/^-- or/);
  });
});

describe('foreign keys without an index', () => {
  const key = (part: Partial<ForeignKey>) => ({
    foreignKeys: new Map([
      [
        'app',
        {
          count: 1,
          worst: [
            {
              ...{ schema: 'public', table: 'lines', constraint: 'lines_fk', columns: ['order', 'No'], rows: 20_000 },
              ...{ partitioned: false, bytes: 8192 * 100, parent_schema: 'public', parent: 'orders' },
              ...{ parent_changes: 0, ...part },
            },
          ],
        },
      ],
    ]),
  });

  it('are a warning once the parent’s rows go, and get an index on all their columns', () => {
    expect(findings('foreign-key-indexes', key({}))[0]?.severity).toBe('info');
    const [found] = findings('foreign-key-indexes', key({ parent_changes: 5 }));
    expect(found?.severity).toBe('warning');
    expect(found?.action.text).toContain('CREATE INDEX CONCURRENTLY ON public.lines ("order", "No");');
  });

  it('get no CONCURRENTLY on a partitioned table, where PostgreSQL has none', () => {
    const [found] = findings('foreign-key-indexes', key({ partitioned: true }));
    expect(found?.action.text).toContain('\nCREATE INDEX ON public.lines');
    expect(found?.action.lock).toMatch(/^SHARE on/);
  });
});

describe('tables that wait for maintenance', () => {
  it('are behind when dead rows are twice what autovacuum waits for, and it is not switched off', () => {
    const subjects = (part: Partial<OverdueTable>): string[] =>
      findings('autovacuum-behind', maintenance({ dead: [overdue(part)] })).map(({ subject }) => subject);
    expect(subjects({})).toEqual(['app: public.orders']);
    expect(subjects({ count: 500 })).toEqual([]);
    expect(subjects({ enabled: false })).toEqual([]);
  });

  it('get a scale factor that fits their size, unless they have a smaller one', () => {
    const text = (part: Partial<OverdueTable>): string | undefined =>
      findings('autovacuum-behind', maintenance({ dead: [overdue(part)] }))[0]?.action.text;
    const large = { rows: 20_000_000, count: 20_000_000 };
    expect(text({ ...large, threshold: 4_000_050 })).toContain(
      'ALTER TABLE public.orders SET (autovacuum_vacuum_scale_factor = 0.01);',
    );
    expect(text({ ...large, threshold: 100_000 })).not.toContain('ALTER TABLE');
    expect(text({})).not.toContain('ALTER TABLE');
  });

  it('have old statistics when they changed much, hours after the last analyze or without any', () => {
    const count = (part: Partial<OverdueTable>): number =>
      findings('stale-statistics', maintenance({ analyze: [overdue(part)] })).length;
    expect(count({})).toBe(1);
    expect(count({ last: null })).toBe(1);
    expect(count({ last: NOW / 1000 - 3600 })).toBe(0);
    expect(count({ count: 400 })).toBe(0);
  });

  it('are pointed out when autovacuum is off for them, the louder if they have dead rows', () => {
    const off = { schema: 'public', table: 'orders', rows: 10, dead_rows: 0, pages: 1 };
    const severity = (dead_rows: number): string | undefined =>
      findings('table-autovacuum-off', maintenance({ disabled: 1, switched_off: [{ ...off, dead_rows }] }))[0]
        ?.severity;
    expect([severity(0), severity(5)]).toEqual(['info', 'warning']);
  });
});

describe('sequences near their end', () => {
  const use = (part: Partial<SequenceUse>): SequenceUse => ({
    ...{ schema: 'public', sequence: 'orders_id_seq', table_schema: 'public', table: 'orders', column: 'id' },
    ...{ column_type: 'integer', last_value: 2e9, limit: 2 ** 31 - 1, used: 0.93 },
    ...part,
  });
  const given = (fullest: SequenceUse[], unreadable = 0, total = 3) => ({
    sequences: new Map([['app', { sequences: total, unreadable, locked: 0, fullest }]]),
  });

  it('are critical when nearly all is used, and say that widening the column rewrites the table', () => {
    const [found] = findings('sequence-exhaustion', given([use({})]));
    expect(found).toMatchObject({ severity: 'critical', subject: 'app: public.orders_id_seq' });
    expect(found?.action.text).toContain('ALTER TABLE public.orders ALTER COLUMN id TYPE bigint;');
    expect(found?.action.lock).toMatch(/^ACCESS EXCLUSIVE/);
    expect(findings('sequence-exhaustion', given([use({ used: 0.75 })]))[0]?.severity).toBe('warning');
    expect(findings('sequence-exhaustion', given([use({ used: 0.69 })]))).toEqual([]);
  });

  it('leave the column alone that is wide enough', () => {
    const [found] = findings('sequence-exhaustion', given([use({ column_type: 'bigint', limit: 1000 })]));
    expect(found?.action.text).not.toContain('ALTER TABLE');
    expect(found?.action.lock).toMatch(/sequence$/);
  });

  it('are not judged when none may be read, and the reason has the grant', () => {
    expect(reason('sequence-exhaustion', given([], 3))).toMatch(/none of 3 sequences.*GRANT SELECT.*TO submilli;/);
    expect(reason('sequence-exhaustion', given([], 2))).toBe('evaluated');
    expect(reason('sequence-exhaustion', given([], 0, 0))).toBe('evaluated');
  });
});

describe('bloated tables', () => {
  const MB = 1024 ** 2;
  const given = (table_bytes: number, bloat_bytes: number, examined = 1) => {
    const worst = [{ schema: 'public', table: 'orders', rows: 10, table_bytes, bloat_bytes }];
    const row = { candidates: 3, examined, bytes: bloat_bytes, worst: examined === 0 ? [] : worst };
    return { bloat: { rows: new Map([['app', row]]), shown: new Set<string>() } };
  };

  it('are named when much of them is empty, in share and in bytes, as an estimate', () => {
    const [found] = findings('table-bloat', given(200 * MB, 90 * MB));
    expect(found?.impact).toMatchObject({ before: '200 MB', after: 'about 110 MB', confidence: 'low' });
    expect(found?.action.lock).toMatch(/^ACCESS EXCLUSIVE/);
    expect(findings('table-bloat', given(200 * MB, 70 * MB))).toEqual([]);
    expect(findings('table-bloat', given(100 * MB, 45 * MB))).toEqual([]);
  });

  it('are not judged when no statistics are to be seen', () => {
    expect(reason('table-bloat', given(0, 0, 0))).toMatch(/none of 3 large tables/);
  });
});
