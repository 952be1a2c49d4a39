import type { Finding } from '../finding';
import { type Budget, planOf } from './judge';

const finding = (id: string, part: Partial<Finding> = {}): Finding => ({
  ...{ id, rule: 'idle-in-transaction', severity: 'warning', where: 'pg1', title: id, evidence: [], remedy: '' },
  act: { kind: 'reconnect', pool: 'pool', database: id },
  ...{ spared: null, ...part },
});
const budget: Budget = { most: 2, perSeconds: 3600, againSeconds: 300 };
const now = Date.UTC(2026, 0, 1);
const ago = (seconds: number, id: string) => ({ at: now - seconds * 1000, id });
const ids = (findings: readonly Finding[]) => findings.map(({ id }) => id);

describe('what is to be done', () => {
  it('is the worst first, and no more than the budget', () => {
    const { toDo, heldBack } = planOf(
      [finding('a'), finding('b'), finding('c', { severity: 'critical' })],
      ...([[], budget, now] as const),
    );
    expect(ids(toDo)).toEqual(['c', 'a']);
    expect(heldBack).toMatchObject([{ finding: { id: 'b' }, why: 'no more than 2 acts in 3600 s' }]);
  });

  it('is less by what was done within the hour, and not by what was before', () => {
    expect(ids(planOf([finding('a'), finding('b')], [ago(3599, 'x')], budget, now).toDo)).toEqual(['a']);
    expect(ids(planOf([finding('a'), finding('b')], [ago(3600, 'x')], budget, now).toDo)).toEqual(['a', 'b']);
  });

  it('is not the same again soon after', () => {
    expect(planOf([finding('a')], [ago(299, 'a')], budget, now)).toMatchObject({
      ...{ toDo: [], heldBack: [{ why: 'it was tried less than 300 s ago' }] },
    });
    expect(ids(planOf([finding('a')], [ago(300, 'a')], budget, now).toDo)).toEqual(['a']);
  });

  it('is one act for all findings that it is for', () => {
    const act = { kind: 'reload', pool: 'pool' } as const;
    const { toDo, heldBack } = planOf([finding('a', { act }), finding('b', { act })], [], budget, now);
    expect(ids(toDo)).toEqual(['a']);
    expect(heldBack).toMatchObject([{ why: 'the same is done already' }]);
  });

  it('is nothing where only a person can, or where the session is spared', () => {
    const { toDo, heldBack } = planOf(
      [finding('a', { act: null }), finding('b', { spared: 'it is a backup' })],
      ...([[], budget, now] as const),
    );
    expect(toDo).toEqual([]);
    expect(heldBack).toMatchObject([{ finding: { id: 'b' }, why: 'it is a backup' }]);
  });
});
