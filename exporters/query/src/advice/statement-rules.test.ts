import { configSchema, type Finding, type PostgresFacts } from '@submilli/core';
import { entryOf, lookOf, readingOf, take } from '../../test/statements';
import { type History, type Regressions, startRegressions } from '../regressions/state';
import type { Verdict } from '../regressions/verdict';
import type { Counters, Entry } from '../statements/entry';
import { startState, type StatementsState } from '../statements/state';
import type { Look } from '../statements/texts';
import { statementRules } from './of-statements';

const facts = {} as PostgresFacts;
const env = (more: object = {}) => ({ config: configSchema.parse(more), facts });

const check = (name: string, given: object, more: object = {}) => {
  const rule = statementRules.find((candidate) => candidate.name === name);
  if (rule === undefined) throw new Error(`no rule ${name}`);
  return rule.check(given as Record<string, unknown>, env(more), 0);
};
const findings = (name: string, state: StatementsState, more: object = {}): readonly Finding[] => {
  const result = check(name, { statements: state, regressions: startRegressions() }, more);
  if ('notEvaluated' in result) throw new Error(`${name} is not evaluated: ${result.notEvaluated}`);
  return result;
};
const reasonOf = (name: string, state: StatementsState): string => {
  const result = check(name, { statements: state, regressions: startRegressions() });
  return 'notEvaluated' in result ? result.notEvaluated : `evaluated: ${JSON.stringify(result)}`;
};

type Beat = { readonly calls: number; readonly mean?: number; readonly counters?: Partial<Counters> };
type Info = Parameters<typeof readingOf>[1];

/** A statement that did the same in each of ten seconds. */
const busy = (beat: Beat, info: Info = {}, look: Partial<Look> = {}): StatementsState => {
  const at = (n: number): Entry => {
    const { calls, mean = 0.001, counters = {} } = beat;
    const grown = Object.fromEntries(
      Object.entries(counters).map(([name, value]) => [name, value === null ? null : value * n]),
    );
    return entryOf('1', calls * n, { total: calls * n * mean, mean, counters: grown });
  };
  const texts = { looks: new Map([['1', lookOf('select', look)]]), tookMs: 1, failed: false };
  return take(Array.from({ length: 11 }, (_, n) => readingOf([at(n)], { texts, ...info })));
};

describe('statement-spills', () => {
  it('names the statement, its role and the memory that it needs', () => {
    const [finding] = findings('statement-spills', busy({ calls: 1, counters: { tempWritten: 1280 } }));
    expect(finding?.title).toBe('Statement 1 writes 10.0 MB of temporary files per call');
    expect(finding?.action.text).toContain("ALTER ROLE app IN DATABASE app SET work_mem = '20MB';");
  });

  it('does not give all memory to one statement', () => {
    const [finding] = findings('statement-spills', busy({ calls: 1, counters: { tempWritten: 100_000 } }));
    expect(finding?.action.text).toContain("SET LOCAL work_mem = '256MB'");
    expect(finding?.action.text).not.toContain('ALTER ROLE');
  });

  it('is silent without spills, and about utility statements, which have other settings', () => {
    expect(findings('statement-spills', busy({ calls: 1 }))).toEqual([]);
    const index = busy({ calls: 1, counters: { tempWritten: 1280 } }, {}, { type: 'utility' });
    expect(findings('statement-spills', index)).toEqual([]);
    expect(reasonOf('statement-spills', startState(60, 10))).toContain('not been read twice');
  });

  it('shows the text only where that is configured', () => {
    const state = busy({ calls: 1, counters: { tempWritten: 1280 } });
    expect(JSON.stringify(findings('statement-spills', state))).not.toContain('a select');
    expect(JSON.stringify(findings('statement-spills', state, { query_text: 'normalised' }))).toContain('a select');
  });

  it('quotes names that need it', () => {
    const info = { info: { roles: new Map([['10', 'Reporting"x']]) } };
    const [finding] = findings('statement-spills', busy({ calls: 1, counters: { tempWritten: 12 } }, info));
    expect(finding?.action.text).toContain('ALTER ROLE "Reporting""x" IN DATABASE app');
  });
});

describe('planning-dominates and planning-unknown', () => {
  const timed = { info: { planningTimed: true } };
  const planned = { calls: 200, mean: 0.0001, counters: { plans: 200, planSeconds: 0.1 } };

  it('speak where planning is longer than execution, and often', () => {
    const [finding] = findings('planning-dominates', busy(planned, timed));
    expect(finding?.title).toBe('Statement 1 is planned for 0.500 ms and then runs for 0.100 ms');
    expect(
      findings('planning-dominates', busy({ ...planned, calls: 50, counters: { plans: 50, planSeconds: 0.1 } }, timed)),
    ).toEqual([]);
    expect(findings('planning-dominates', busy({ ...planned, mean: 0.001 }, timed))).toEqual([]);
    expect(findings('planning-unknown', busy(planned, timed))).toEqual([]);
  });

  it('say that nobody can tell while planning is not timed, and advise to time it only where it may matter', () => {
    expect(reasonOf('planning-dominates', busy(planned))).toContain('track_planning is off');
    const [finding] = findings('planning-unknown', busy(planned));
    expect(finding).toMatchObject({ severity: 'info', subject: 'pg_stat_statements.track_planning' });
    expect(findings('planning-unknown', busy({ ...planned, mean: 0.05 }))).toEqual([]);
    expect(findings('planning-unknown', busy({ ...planned, calls: 10 }))).toEqual([]);
  });
});

describe('jit-in-short-statements', () => {
  const compiled = { calls: 10, mean: 0.05, counters: { jitFunctions: 40, jitGeneration: 0.1, jitEmission: 0.2 } };

  it('speaks where compilation is a tenth of a short statement', () => {
    const [finding] = findings('jit-in-short-statements', busy(compiled));
    expect(finding?.title).toBe('Statement 1 spends 60 % of its 50.0 ms on compilation');
    expect(finding?.action.text).toContain('ALTER ROLE app IN DATABASE app SET jit = off;');
    expect(finding?.impact.after).toBe('about 20.0 ms');
    expect(findings('jit-in-short-statements', busy({ ...compiled, mean: 2 }))).toEqual([]);
    expect(findings('jit-in-short-statements', busy({ calls: 10 }))).toEqual([]);
  });

  it('cannot tell before PostgreSQL 15', () => {
    expect(reasonOf('jit-in-short-statements', busy({ calls: 1, counters: { jitFunctions: null } }))).toContain('1.10');
    expect(reasonOf('jit-in-short-statements', startState(60, 10))).toContain('no statement');
  });
});

describe('statements-evicted', () => {
  const evicting = (entries: readonly Entry[], texts: Info = {}, now = 1000) =>
    take([0, 3].map((evictions, n) => readingOf(entries, { ...texts, info: { evictions, now: now + n } })));

  it('advises more room, with the restart that it takes', () => {
    const [finding] = findings('statements-evicted', evicting([entryOf('1', 1)]));
    expect(finding?.title).toContain('threw out entries 3 times');
    expect(finding?.action).toMatchObject({ needsRestart: true });
    expect(finding?.action.text).toContain('pg_stat_statements.max = 10000');
    expect(finding?.action.text).not.toContain('ANY');
  });

  it('advises arrays first where lists of every length have an entry each', () => {
    const entries = Array.from({ length: 30 }, (_, i) => entryOf(String(i), 1));
    const looks = new Map(
      entries.map(({ queryid }, i) => {
        const list = Array.from({ length: i + 1 }, (_unused, n) => `$${n + 1}`).join(', ');
        return [queryid, lookOf('select', { text: `SELECT * FROM t WHERE id IN (${list})` })] as const;
      }),
    );
    const [finding] = findings('statements-evicted', evicting(entries, { texts: { looks, tookMs: 1, failed: false } }));
    expect(finding?.action.text).toMatch(/^-- First: .*= ANY/);
  });

  it('is content an hour after the last one, and before anything was seen', () => {
    const later = take([readingOf([], { info: { evictions: 3, now: 9000 } })], evicting([]));
    expect(findings('statements-evicted', later)).toEqual([]);
    expect(reasonOf('statements-evicted', startState(60, 10))).toContain('not been read twice');
  });
});

describe('n-plus-one', () => {
  /** Rows of the parent in each second; the child is called `factor` times as often. */
  const load = (rows: readonly number[], factor = 1, text = 'SELECT * FROM t WHERE id = $1', others: Entry[] = []) => {
    let [calls, sum] = [0, 0];
    const looks = new Map([
      ['1', lookOf('select')],
      ['2', lookOf('select', { text })],
      ['3', lookOf('select')],
    ]);
    const readings = [0, ...rows].map((more) => {
      calls += more > 0 ? 3 : 0;
      sum += more;
      const children = Math.round(sum * factor);
      return readingOf(
        [
          entryOf('1', calls, { counters: { rows: sum } }),
          entryOf('2', children, { counters: { rows: children } }),
          ...others.map((other) => ({ ...other, calls, counters: { ...other.counters, rows: sum } })),
        ],
        { texts: { looks, tookMs: 1, failed: false } },
      );
    });
    return take(readings, startState(12, 10));
  };
  const uneven = [200, 300, 150, 400, 250, 180, 320, 210];

  it('speaks where one is called for each row of the other, as the load changes', () => {
    const [finding] = findings('n-plus-one', load(uneven));
    expect(finding?.title).toBe('Statement 2 is called once for each of the 84 rows that 1 returns');
    expect(finding?.action.text).toContain('= ANY ($1)');
  });

  it.each([
    ['the load never changes', load(Array<number>(8).fill(250))],
    ['the numbers are off', load(uneven, 1.2)],
    ['it looks nothing up', load(uneven, 1, 'SELECT now()')],
    ['two fit', load(uneven, 1, undefined, [entryOf('3', 0)])],
    ['there are few calls', load([20, 30, 15, 40, 25, 18, 32, 21])],
  ])('is silent where %s', (_why, state) => {
    expect(findings('n-plus-one', state)).toEqual([]);
  });

  it('waits until it has seen enough of the window', () => {
    expect(reasonOf('n-plus-one', load([200, 300]))).toContain('fewer than 6 parts');
  });
});

describe('wal-surge', () => {
  const pace = { mean: 0.001, blocks: 1, rows: 1, rate: 100 };
  const regressions = (wal: number, calls = 1000): Regressions => {
    const usual = { ...pace, wal: 1000, basis: 'all hours' as const, hours: 9, spread: 0 };
    const verdict: Verdict = { calls, now: { ...pace, wal }, usual, ratio: 1, since: null, changes: [] };
    const history = { database: 'app', queryid: '1', type: 'update' } as History;
    return { ...startRegressions(), histories: new Map([['1 app', history]]), verdicts: new Map([['1 app', verdict]]) };
  };
  const surge = (wal: number, images: number, calls?: number) =>
    check('wal-surge', {
      regressions: regressions(wal, calls),
      statements: busy({ calls: 100, counters: { wal: 400_000, walImages: images } }),
    }) as readonly Finding[];

  it('tells full page images from more rows and indexes', () => {
    expect(surge(4000, 40)[0]).toMatchObject({ title: 'Statement 1 writes 4.0 times its usual WAL per call' });
    expect(surge(4000, 40)[0]?.action.text).toContain('wal_compression');
    expect(surge(4000, 2)[0]?.why).toContain('HOT');
  });

  it('is silent below three times, a hundred calls, or anything known', () => {
    expect(surge(2500, 0)).toEqual([]);
    expect(surge(4000, 0, 50)).toEqual([]);
    expect(reasonOf('wal-surge', busy({ calls: 1 }))).toContain('six hours');
  });
});
