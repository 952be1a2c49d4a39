import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '../clock';
import { defineCollector } from '../collector/define';
import type { Run } from '../collector/run';
import type { NamedRun } from '../collector/target';
import { configSchema } from '../config/schema';
import { silentLogger } from '../log';
import { Problem } from '../problem';
import { createAdviceBook } from './book';
import { evaluate, type TargetAdvice } from './evaluate';
import { type AnyRule, defineRule, type Finding } from './rule';

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
    expect(adviceFor(ok(1))).toEqual({ found: [], evaluated: ['blind-spot', 'high'], notEvaluated: [] });
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

describe('the book of advice', () => {
  const DAY = 24 * 3600 * 1000;
  let directory: string;
  let now: number;
  const clock: Clock = { monotonic: () => now, wall: () => now };
  const bookAt = (path: string | null) => createAdviceBook({ path, clock, log: silentLogger });
  const seen = (book: ReturnType<typeof bookAt>, advice: TargetAdvice): (string | undefined)[] => {
    const [first] = book.answer([{ target: 'pg', advice, reason: '', rules: [] }]).recommendations;
    return [first?.firstSeen, first?.lastSeen];
  };
  const at = (ms: number): string => new Date(ms).toISOString();

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'submilli-book-'));
    now = 1_000_000;
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  it('remembers when a finding was first and last seen, also across a restart', () => {
    const path = join(directory, 'state', 'advice.json');
    const advice = adviceFor(ok(9));
    const first = bookAt(path);
    first.note(advice);
    now += DAY;
    first.note(advice);
    first.close();
    now += DAY;
    const second = bookAt(path);
    expect(seen(second, advice)).toEqual([at(1_000_000), at(1_000_000 + DAY)]);
    second.note(advice);
    expect(seen(second, advice)).toEqual([at(1_000_000), at(now)]);
  });

  it('takes a finding that comes back after a month for a new one', () => {
    const advice = adviceFor(ok(9));
    const book = bookAt(null);
    book.note(advice);
    now += 31 * DAY;
    book.note(advice);
    expect(seen(book, advice)).toEqual([at(now), at(now)]);
  });

  it('starts with nothing when its file is garbage, and works on when it cannot write', () => {
    const path = join(directory, 'advice.json');
    writeFileSync(path, 'garbage');
    const advice = adviceFor(ok(9));
    const book = bookAt(path);
    book.note(advice);
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual({ [advice.found[0]?.id ?? '']: { first: now, last: now } });
    const unwritable = bookAt(join(path, 'below-a-file', 'advice.json'));
    unwritable.note(advice);
    expect(seen(unwritable, advice)).toEqual([at(now), at(now)]);
  });

  it('lists every rule as not evaluated while a target is down', () => {
    const answer = bookAt(null).answer([{ target: 'pg', advice: undefined, reason: 'refused', rules: ['high'] }]);
    expect(answer).toEqual({
      recommendations: [],
      evaluated: [],
      notEvaluated: [{ rule: 'high', target: 'pg', reason: 'refused' }],
    });
  });
});
