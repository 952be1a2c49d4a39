import fc from 'fast-check';
import { configSchema, type Finding } from '@submilli/core';
import { planRegressed } from '../advice/plan-regressed';
import { planWastefulScan } from '../advice/plan-wasteful-scan';
import { type Asked, foldPlans, persistPlans, type PlansState, startPlans } from './state';

const DB = 'app';
const common = { database: DB, queryid: '-5', role: 'web', rowsPerCall: 1 };
const planned = (shape: string, blocks = 10, calls = 100): Asked => ({
  ...common,
  ...{ work: { calls, seconds: calls / 1000, blocks: calls * blocks }, findings: [] },
  plan: { shape, cost: 5, outline: `plan ${shape}` },
});
const refused = (reason: string, remembered = false): Asked => ({
  ...{ ...common, work: { calls: 1, seconds: 1, blocks: 1 }, remembered },
  reason: { reason, detail: '', remedy: null },
});

const run = (...rounds: readonly Asked[]): PlansState =>
  rounds.reduce(
    (state, asked, i) => foldPlans(state, new Map([[DB, { now: 1000 + 300 * i, asked: [asked] }]])),
    startPlans(),
  );
const only = (state: PlansState) => [...state.statements.values()][0];
const config = configSchema.parse({ plans: { enabled: true } });
const check = (rule: typeof planRegressed, state: PlansState): readonly Finding[] => {
  const last = Math.max(...[...state.statements.values()].map(({ askedAt }) => askedAt));
  return rule.check({ plans: state }, { config, facts: {} as never }, last * 1000) as readonly Finding[];
};

describe('the plans of a statement over time', () => {
  it('are one period while the shape stays, and another from when it changes', () => {
    const state = run(planned('a'), planned('a'), planned('b'), planned('b'), planned('a'));
    expect(only(state)?.periods.map(({ shape, firstSeen, lastSeen }) => [shape, firstSeen, lastSeen])).toEqual([
      ['a', 2200, 2200],
      ['b', 1600, 1900],
      ['a', 1000, 1300],
    ]);
    expect([...state.changes]).toEqual([[DB, 2]]);
    expect([...state.outcomes]).toEqual([['planned', 5]]);
  });

  it('count a reading once, however often it is shown', () => {
    const readings = new Map([[DB, { now: 7, asked: [planned('a')] }]]);
    const once = foldPlans(startPlans(), readings);
    expect(foldPlans(once, readings)).toEqual(once);
  });

  it('are bounded, and the old ones have no outline', () => {
    const state = run(...Array.from({ length: 40 }, (_, i) => planned(String(i))));
    expect(only(state)?.periods.length).toBe(10);
    expect(only(state)?.periods.map(({ outline }) => outline !== null)).toEqual([
      true,
      true,
      ...Array.from({ length: 8 }, () => false),
    ]);
  });

  it('stay known while a round has no time, and a reason that is remembered is counted once', () => {
    const state = run(planned('a'), refused('no_time'));
    expect(only(state)).toEqual(only(run(planned('a'))));
    expect(only(run(refused('no_time')))).toMatchObject({ reason: { reason: 'no_time' }, periods: [] });
    const denied = run(refused('permission'), refused('permission', true), refused('permission', true));
    expect([...denied.outcomes]).toEqual([['permission', 1]]);
    expect(only(denied)).toMatchObject({ reason: { reason: 'permission' }, periods: [] });
  });

  it('refuse a statement for a day, one that was only locked for minutes, and none for want of time', () => {
    const until = (state: PlansState): number | undefined => [...state.refusals.values()][0]?.until;
    expect(until(run(refused('permission')))).toBe(1_000_000 + 24 * 3600_000);
    expect(until(run(refused('lock')))).toBe(1_000_000 + 600_000);
    expect(until(run(refused('no_time')))).toBeUndefined();
  });

  it('get through a restart', () => {
    const state = run(planned('a'), planned('b'));
    const saved: unknown = JSON.parse(JSON.stringify(persistPlans.save(state)));
    expect(persistPlans.load(saved, startPlans())?.statements).toEqual(state.statements);
    expect(persistPlans.load([{ odd: 1 }], startPlans())).toBeUndefined();
  });

  it('never lose a plan change, whatever comes between', () => {
    const step = fc.oneof(
      fc.constantFrom('a', 'b').map((shape) => planned(shape)),
      fc.constantFrom('lock', 'no_time').map((why) => refused(why)),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const shapes = steps.flatMap((one) => ('plan' in one ? [one.plan.shape] : []));
        const expected = shapes.filter((shape, i) => i > 0 && shape !== shapes[i - 1]).length;
        expect([...run(...steps).changes.values()]).toEqual(steps.length === 0 ? [] : [expected]);
      }),
    );
  });
});

describe('a plan that changed', () => {
  it('is a regression if calls read twice as many blocks since, and says so from the second round on', () => {
    expect(check(planRegressed, run(planned('a', 10), planned('b', 500)))).toEqual([]);
    const [found] = check(planRegressed, run(planned('a', 10), planned('b', 500), planned('b', 500)));
    expect(found).toMatchObject({
      subject: 'app: -5 b',
      severity: 'warning',
      impact: { before: expect.stringMatching(/^500; /) as string },
    });
    expect(found?.evidence.map(({ label }) => label)).toEqual(
      expect.arrayContaining(['generic plan', 'generic plan before']),
    );
  });

  it('is none if they read as much, after a few calls only, or once it is back', () => {
    expect(check(planRegressed, run(planned('a', 10), planned('b', 15), planned('b', 15)))).toEqual([]);
    expect(check(planRegressed, run(planned('a', 10), planned('b', 500, 3), planned('b', 500, 3)))).toEqual([]);
    expect(
      check(
        planRegressed,
        run(planned('a', 10), planned('b', 500), planned('b', 500), planned('a', 10), planned('a', 10)),
      ),
    ).toEqual([]);
  });

  it('has advice on one line per comment, whatever a table is called', () => {
    const evil: Asked = {
      ...planned('a'),
      ...({
        findings: [{ kind: 'selective_seq_scan', table: '"x\n; DROP TABLE t; --"', detail: 'reads\nmuch' }],
      } as const),
    };
    const [found] = check(planWastefulScan, run(evil));
    expect(found?.action.text.split('\n').every((line) => line.startsWith('--'))).toBe(true);
  });
});
