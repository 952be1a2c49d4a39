import { defineCollector } from '../collector/define';
import type { Run } from '../collector/run';
import type { NamedRun } from '../collector/target';
import { configSchema } from '../config/schema';
import { Problem } from '../problem';
import { evaluate, type TargetAdvice } from './evaluate';
import { type AnyRule, defineRule, type Finding, type PastFinding } from './rule';

const level = defineCollector({
  name: 'level',
  source: 'a gauge on the wall',
  metrics: {},
  read: () => Promise.resolve(0),
  publish: () => [],
});

const finding = (subject: string): Finding => ({
  subject,
  severity: 'warning',
  title: `Mind ${subject}`,
  why: 'it is high',
  evidence: [],
  action: { kind: 'config', text: 'lower it', reversible: true, lock: null, needsRestart: false },
  impact: { what: 'level', before: null, after: null, confidence: 'high', measured: 'by reading it' },
});

const high = defineRule<object, { level: typeof level }>({
  ...{ name: 'high', title: 'The level is high', signal: 'level', threshold: 'above 5' },
  inputs: { level },
  check: ({ level: now }) => (now > 5 ? [finding('the level')] : []),
});

const ok = (data: unknown): Run => ({ state: 'ok', at: 0, durationMs: 0, data, samples: [] });
const runOf = (run: Run, name = 'level'): NamedRun => ({ name, kind: 'collector', source: name, every: 0, run });
const adviceFor = (run: Run, rules: readonly AnyRule<object>[] = [high]): TargetAdvice =>
  evaluate('pg', rules, [runOf(run)], { config: configSchema.parse({}), facts: {} }, 0);

describe('the rules', () => {
  it('speak when their input says so, and are counted as evaluated when it does not', () => {
    expect(adviceFor(ok(9)).found).toMatchObject([{ rule: 'high', subject: 'the level' }]);
    expect(adviceFor(ok(1))).toEqual({
      ...{ found: [], followUps: [], evaluated: ['blind-spot', 'high'], notEvaluated: [] },
    });
  });

  it.each<[Run, string]>([
    [{ state: 'pending' }, 'level was not read yet'],
    [
      { state: 'failed', at: 0, durationMs: 0, problem: new Problem('lock', { what: 'locked' }) },
      'level failed: locked',
    ],
    [{ state: 'skipped', skip: { reason: 'version', detail: 'too old', remedy: null } }, 'level is skipped: too old'],
  ])('are not evaluated without their input, and say why (%#)', (run, reason) => {
    expect(adviceFor(run)).toMatchObject({ found: [], notEvaluated: [{ rule: 'high', reason }] });
  });

  it('go on when one of them is broken or cannot tell', () => {
    const broken = defineRule<object, { level: typeof level }>({
      ...{ ...high, name: 'broken' },
      check: () => {
        throw new Error('oops');
      },
    });
    const unsure = { ...high, name: 'unsure', check: () => ({ notEvaluated: 'no traffic yet' }) };
    expect(adviceFor(ok(9), [broken, unsure, high])).toMatchObject({
      found: [{ rule: 'high' }],
      notEvaluated: [
        { rule: 'broken', reason: 'the rule itself failed: oops' },
        { rule: 'unsure', reason: 'no traffic yet' },
      ],
    });
  });

  it('give the same finding the same id, and another subject or target another', () => {
    const id = (rules: readonly AnyRule<object>[], target: string): string | undefined =>
      evaluate(target, rules, [runOf(ok(9))], { config: configSchema.parse({}), facts: {} }, 0).found[0]?.id;
    const other = { ...high, check: () => [finding('another')] };
    expect(id([high], 'pg')).toBe(id([high], 'pg'));
    expect(new Set([id([high], 'pg'), id([high], 'pg2'), id([other], 'pg')]).size).toBe(3);
  });
});

describe('a rule that looks back', () => {
  const past = (subject: string, state: PastFinding['state'], rule = 'high'): PastFinding => ({
    ...{ ...finding(subject), rule, state, stateSince: 0, firstSeen: 0, lastSeen: 0 },
  });
  const proof = [{ label: 'level', value: 1, unit: '' }];
  const back = (rule: AnyRule<object>, all: readonly PastFinding[], now = 1) =>
    evaluate('pg', [rule], [runOf(ok(now))], { config: configSchema.parse({}), facts: {} }, 0, all);

  it('says that the change was made, of what is no longer found and not explained yet', () => {
    const asked: string[] = [];
    const rule: AnyRule<object> = {
      ...high,
      applied: (_given: unknown, _env: unknown, { subject }: PastFinding) => {
        asked.push(subject);
        return subject === 'gone' ? proof : undefined;
      },
    };
    const all = [
      ...[past('gone', 'open'), past('unclear', 'resolved'), past('the level', 'open')],
      ...[past('known', 'verified'), past('theirs', 'open', 'another')],
    ];
    expect(back(rule, all, 9).followUps).toMatchObject([{ subject: 'gone', state: 'applied', evidence: proof }]);
    expect(asked).toEqual(['gone', 'unclear']);
  });

  it('says what came of it, under the id of the finding', () => {
    const rule: AnyRule<object> = {
      ...high,
      followUp: (given: { readonly level?: number }, _env: unknown, all: readonly PastFinding[]) =>
        all.map(({ subject }) => ({
          ...{ subject, state: (given.level ?? 0) > 3 ? 'regressed' : 'verified', evidence: proof },
        })),
    };
    const id = adviceFor(ok(9)).found[0]?.id;
    expect(back(rule, [past('the level', 'applied')], 1).followUps).toMatchObject([{ id, state: 'verified' }]);
    expect(back(rule, [past('the level', 'verified')], 4).followUps).toMatchObject([{ id, state: 'regressed' }]);
    expect(back(rule, []).followUps).toEqual([]);
  });

  it('is not evaluated when that fails', () => {
    const rule: AnyRule<object> = {
      ...high,
      followUp: () => {
        throw new Error('oops');
      },
    };
    expect(back(rule, [past('x', 'open')])).toMatchObject({
      ...{ found: [], followUps: [], notEvaluated: [{ rule: 'high', reason: 'the rule itself failed: oops' }] },
    });
  });
});

describe('blind spots', () => {
  const skip = { reason: 'privilege', detail: 'not in pg_monitor', remedy: 'GRANT pg_monitor TO x;' } as const;
  const blind = (runs: readonly NamedRun[]) =>
    evaluate('pg', [], runs, { config: configSchema.parse({}), facts: {} }, 0).found;

  it('are one finding per remedy, with the collectors that it would bring', () => {
    const skipped: Run = { state: 'skipped', skip };
    expect(blind([runOf(skipped), runOf(skipped, 'size')])).toMatchObject([
      { rule: 'blind-spot', action: { kind: 'sql', text: skip.remedy }, evidence: [{ value: 'level, size' }] },
    ]);
  });

  it('are not what is switched off on purpose, or cannot be had', () => {
    const off: Run = { state: 'skipped', skip: { ...skip, reason: 'disabled' } };
    const role: Run = { state: 'skipped', skip: { reason: 'role', detail: 'a standby', remedy: null } };
    expect(blind([runOf(off), runOf(role)])).toEqual([]);
  });

  it.each([
    ['privilege', 'warning'],
    ['extension', 'warning'],
    ['grant', 'info'],
    ['configuration', 'info'],
  ] as const)('weigh a missing %s as %s', (reason, severity) => {
    const skipped: Run = { state: 'skipped', skip: { reason, detail: 'not there', remedy: 'put it there' } };
    expect(blind([runOf(skipped)])).toMatchObject([{ severity }]);
  });
});
