import { configSchema } from '@submilli/core';
import type { Session } from '../facts';
import { server, session, treeOf } from '../../../test/doctor/facts';
import { judgeSessions, type Limits, whySpared } from './sessions';

const thresholds = configSchema.parse({}).thresholds;
const limits: Limits = { minimumAge: 60, spare: new Set(['submilli', 'reports']) };
const warning = thresholds.idle_in_transaction_warning_seconds;
const critical = thresholds.idle_in_transaction_critical_seconds;

const judged = (one: Session, waits?: number) =>
  judgeSessions(
    server({ sessions: [one], trees: waits === undefined ? [] : [treeOf(one.pid, waits)] }),
    thresholds,
    limits,
  );

describe('a transaction that is idle', () => {
  it('is found from the threshold on, and not at it', () => {
    expect(judged(session({ stateSeconds: warning }))).toEqual([]);
    expect(judged(session({ stateSeconds: warning + 1 }))).toMatchObject([{ severity: 'warning' }]);
    expect(judged(session({ stateSeconds: critical + 1 }))).toMatchObject([{ severity: 'critical' }]);
  });

  it('is critical as soon as it holds others up, and says for what they wait', () => {
    const [found] = judged(session({ stateSeconds: 5 }), thresholds.blocked_warning_seconds + 1);
    expect(found).toMatchObject({ rule: 'idle-in-transaction', severity: 'critical' });
    expect(found?.title).toMatch(/app \(pid 4711, shop\) has left a transaction open in app.* holds up 1 session/);
    expect(found?.evidence.join()).toContain('waits for RowExclusiveLock on public.orders');
  });

  it('is ended as a session, since there is nothing to cancel in it, and only in this very transaction', () => {
    expect(judged(session())).toMatchObject([
      {
        act: {
          ...{ kind: 'terminate', server: 'pg1', state: 'idle in transaction' },
          session: { pid: 4711, backendStart: '1764340000.000001', transactionStart: '1764341000.000002' },
        },
        spared: null,
      },
    ]);
  });

  it('that has failed is one as well', () => {
    expect(judged(session({ state: 'idle in transaction (aborted)' }))).toHaveLength(1);
  });

  it('has an id of its own: the next transaction of the session is another finding', () => {
    const ids = [session(), session({ transactionStart: '1764342000.5' })]
      .flatMap((one) => judged(one))
      .map(({ id }) => id);
    expect(new Set(ids).size).toBe(2);
  });
});

describe('a statement that runs', () => {
  const busy = session({ state: 'active' });

  it('is nobody’s business while nobody waits for it', () => {
    expect(judged(busy)).toEqual([]);
    expect(judged(busy, thresholds.blocked_warning_seconds)).toEqual([]);
  });

  it('is left alone until somebody has waited critically long, and then cancelled', () => {
    expect(judged(busy, thresholds.blocked_warning_seconds + 1)).toMatchObject([
      { severity: 'warning', spared: expect.stringContaining('blocked_critical_seconds') as string },
    ]);
    expect(judged(busy, thresholds.blocked_critical_seconds + 1)).toMatchObject([
      { severity: 'critical', act: { kind: 'cancel', state: 'active' }, spared: null },
    ]);
  });
});

describe('what is never ended', () => {
  it.each([
    [{ application: 'submilli/canary' }, /Submilli’s own/],
    [{ kind: 'walsender' }, /no client but a walsender/],
    [{ isReplication: true }, /may replicate/],
    [{ application: 'pg_dump' }, /backup/],
    [{ application: 'pgBackRest [backup]' }, /backup/],
    [{ isSuperuser: true }, /superuser/],
    [{ user: 'submilli' }, /role submilli is spared/],
    [{ user: 'reports' }, /role reports is spared/],
  ] satisfies [Partial<Session>, RegExp][])('%j', (part, why) => {
    expect(whySpared(session(part), limits)).toMatch(why);
    expect(judged(session(part))).toMatchObject([{ spared: expect.stringMatching(why) as string }]);
  });

  it('is nothing else', () => {
    expect(whySpared(session(), limits)).toBeUndefined();
  });

  it('is younger than was said, however bad it is', () => {
    const young = session({ stateSeconds: 59 });
    const [found] = judged(young, thresholds.blocked_critical_seconds + 1);
    expect(found).toMatchObject({ severity: 'critical', spared: 'it is younger than 60 s' });
    expect(judged(session({ stateSeconds: 60 }), thresholds.blocked_critical_seconds + 1)).toMatchObject([
      { spared: null },
    ]);
  });
});
