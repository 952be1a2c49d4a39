import { type BlockingTree, quoteIdentifier, type Thresholds } from '@submilli/core';
import type { ServerFacts, Session } from '../facts';
import type { Act, Finding, OnSession } from '../finding';

/** From when on, and whom never: stated in --help, and the same for every remedy. */
export type Limits = {
  /** Younger transactions are left alone, in seconds. */
  readonly minimumAge: number;
  /** Roles that are left alone: ours, and those that were named. */
  readonly spare: ReadonlySet<string>;
};

/** What copies a database holds transactions open for long, and rightly so. */
const BACKUP = /pgbackrest|pg_basebackup|pg_dump|barman|wal-g|wal-e|pg_rman|pg_probackup/i;

/** Why a session is never ended, whatever it does; undefined for one that may be. */
export const whySpared = (session: Session, { spare }: Limits): string | undefined => {
  const { kind, user, application, isSuperuser, isReplication } = session;
  if (application.startsWith('submilli/')) return 'it is Submilli’s own';
  if (kind !== 'client backend') return `it is no client but a ${kind}`;
  if (isSuperuser) return 'it is a superuser’s';
  if (isReplication) return 'it may replicate, and so be a backup';
  if (BACKUP.test(application)) return 'it is a backup';
  if (spare.has(user)) return `role ${user} is spared`;
  return undefined;
};

const isIdle = ({ state }: Session): boolean => state.startsWith('idle in transaction');

/** Transactions that are open while nothing runs in them, and statements that hold up others. */
export const judgeSessions = (facts: ServerFacts, thresholds: Thresholds, limits: Limits): Finding[] =>
  facts.sessions.flatMap((session) => {
    const tree = facts.trees.find(({ root }) => root.pid === session.pid);
    return isIdle(session)
      ? idleFinding(facts, session, tree, thresholds, limits)
      : busyFinding(facts, session, tree, thresholds, limits);
  });

const idleFinding = (
  { name }: ServerFacts,
  session: Session,
  tree: BlockingTree | undefined,
  thresholds: Thresholds,
  limits: Limits,
): Finding[] => {
  const { stateSeconds, database, user } = session;
  const held = tree?.longestSeconds ?? 0;
  const holds = held > thresholds.blocked_warning_seconds;
  if (stateSeconds <= thresholds.idle_in_transaction_warning_seconds && !holds) return [];
  const isCritical = stateSeconds > thresholds.idle_in_transaction_critical_seconds || holds;
  const act: Act = { kind: 'terminate', ...on(name, session), state: 'idle in transaction' };
  return [
    {
      ...{ id: idFor('idle-in-transaction', name, session), rule: 'idle-in-transaction', where: name },
      severity: isCritical ? 'critical' : 'warning',
      title: `${labelOf(session)} has left a transaction open in ${database}, idle for ${seconds(stateSeconds)}${holdsUp(tree)}`,
      evidence: [`transaction open for ${seconds(session.transactionSeconds)}`, ...evidenceOf(tree)],
      remedy: `end it: SELECT pg_terminate_backend(${session.pid}); and so that it ends by itself: ALTER ROLE ${quoteIdentifier(user)} SET idle_in_transaction_session_timeout = '${thresholds.idle_in_transaction_warning_seconds}s'`,
      ...decided(act, session, stateSeconds, limits),
    },
  ];
};

/** A statement that runs may be right to run: it is ended only when it holds up others for too long. */
const busyFinding = (
  { name }: ServerFacts,
  session: Session,
  tree: BlockingTree | undefined,
  thresholds: Thresholds,
  limits: Limits,
): Finding[] => {
  const held = tree?.longestSeconds ?? 0;
  if (tree === undefined || held <= thresholds.blocked_warning_seconds) return [];
  const isCritical = held > thresholds.blocked_critical_seconds;
  const act: Act = { kind: 'cancel', ...on(name, session), state: 'active' };
  const decision = decided(act, session, session.stateSeconds, limits);
  const waits = `nobody has waited for ${thresholds.blocked_critical_seconds} s yet (thresholds: blocked_critical_seconds)`;
  return [
    {
      ...{ id: idFor('blocking-statement', name, session), rule: 'blocking-statement', where: name },
      severity: isCritical ? 'critical' : 'warning',
      title: `a statement of ${labelOf(session)} in ${session.database} has run for ${seconds(session.stateSeconds)}${holdsUp(tree)}`,
      evidence: [`transaction open for ${seconds(session.transactionSeconds)}`, ...evidenceOf(tree)],
      remedy: `let it end, or cancel it: SELECT pg_cancel_backend(${session.pid});`,
      ...(isCritical ? decision : { act, spared: decision.spared ?? waits }),
    },
  ];
};

const decided = (act: Act, session: Session, age: number, limits: Limits): Pick<Finding, 'act' | 'spared'> => {
  const young = age < limits.minimumAge ? `it is younger than ${limits.minimumAge} s` : undefined;
  return { act, spared: whySpared(session, limits) ?? young ?? null };
};

const on = (server: string, session: Session): Omit<OnSession, 'state'> => {
  const { pid, backendStart, transactionStart } = session;
  return { server, session: { pid, backendStart, transactionStart }, label: labelOf(session) };
};

const idFor = (rule: string, server: string, { pid, transactionStart }: Session): string =>
  `${rule} ${server} ${pid} ${transactionStart}`;

/** "trading (pid 4711, psql)". */
const labelOf = ({ user, pid, application }: Session): string =>
  `${user} (pid ${pid}${application === '' ? '' : `, ${application}`})`;

const holdsUp = (tree: BlockingTree | undefined): string =>
  tree === undefined || tree.victims === 0
    ? ''
    : `, and holds up ${tree.victims} session${tree.victims === 1 ? '' : 's'}, one for ${seconds(tree.longestSeconds)}`;

const evidenceOf = (tree: BlockingTree | undefined): string[] =>
  (tree?.root.blocks ?? []).slice(0, 3).map(({ pid, user, lock }) => {
    const on = lock === null ? 'a lock' : `${lock.mode} on ${lock.relation ?? lock.type}`;
    return `pid ${pid} (${user ?? '?'}) waits for ${on}`;
  });

const seconds = (value: number): string =>
  value >= 120 ? `${Math.round(value / 60)} min` : `${value >= 10 ? value.toFixed(0) : value.toFixed(1)} s`;
