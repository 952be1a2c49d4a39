import { type Clock, type Config, deadlineIn, Problem, within } from '@submilli/core';
import { type Endpoint, getJson } from '../http/get';
import { type Reach, Unreached } from '../http/reach';
import { momentOf } from '../patroni/members';
import { clusterAnswer, type MemberAnswer, memberAnswer } from '../patroni/schema';
import { type Look, readLook } from '../servers/look';
import type { Server } from '../servers/server';
import type { ClusterSession } from '../session/cluster-session';
import { isSameStart } from '../topology/nodes';
import type { Beat, Sight } from './sight';

/** Looks at all members at once, and never waits long for one. */
export type Observer = {
  readonly look: () => Promise<Beat>;
  /** Whether a session has broken since the last look: a reason not to wait for the next. */
  readonly isAlarmed: () => boolean;
};

/** What asking one thing has come to; asked on while an answer is outstanding, it is not asked again. */
type Asking<T> = (patienceMs: number) => Promise<Asked<T>>;
type Asked<T> = { readonly at: number; readonly outcome: T | Problem } | 'pending';

const PATIENCE_MS = 400;
/** For one that let us wait the last time already. */
const SHORT_MS = 40;
const REST_MS = 1000;
const LIST_EVERY_MS = 5000;
const LIST_MS = 500;
/** A session that was ended in order says so for this long. */
const SHUTDOWN_MS = 30_000;
const SCHEDULED_MS = 30_000;

const asking = <T>(ask: () => Promise<T>, clock: Clock): Asking<T> => {
  let open: Promise<Asked<T>> | undefined;
  let wasLate = false;
  return async (patienceMs) => {
    open ??= ask()
      .then(
        (outcome): Asked<T> => ({ at: clock.monotonic(), outcome }),
        (error: unknown): Asked<T> => ({
          at: clock.monotonic(),
          outcome: error instanceof Problem ? error : new Problem('other', { what: 'failed', cause: error }),
        }),
      )
      .finally(() => (open = undefined));
    const patience = deadlineIn(wasLate ? Math.min(SHORT_MS, patienceMs) : patienceMs, clock);
    const asked = await within(open, patience, () => new Error('late')).catch((): Asked<T> => 'pending');
    wasLate = asked === 'pending';
    return asked;
  };
};

type ServerView = { readonly look: Look | null } & Pick<Sight, 'at' | 'postgres' | 'stopping' | 'brokeAt'>;
type ApiView = { readonly answer: MemberAnswer | null } & Pick<Sight, 'at' | 'patroni' | 'storeLost'>;

export const createObserver = (session: Omit<ClusterSession, 'observer'>, limits: Config['timeouts']): Observer => {
  const { clock } = session;
  const servers = session.servers.map((server) => ({ server, view: viewServer(server, limits, clock) }));
  const apis = session.patroni.map((endpoint) => ({ endpoint, view: viewApi(endpoint, session) }));
  let listedAt = -Infinity;

  /** Without Patroni's list nobody knows which API and which server belong together. */
  const list = async (): Promise<void> => {
    if (apis.length === 0 || session.known().listed !== undefined) return;
    if (clock.monotonic() - listedAt < LIST_EVERY_MS) return;
    listedAt = clock.monotonic();
    const answer = await session.askAny('/cluster', clusterAnswer, deadlineIn(LIST_MS, clock)).catch(() => undefined);
    if (answer !== undefined) session.note({ listed: answer.members });
  };

  return {
    isAlarmed: () => servers.some(({ view }) => view.isBroken()),
    look: async () => {
      await list();
      const [seenServers, seenApis] = await Promise.all([
        Promise.all(servers.map(async ({ server, view }) => [server.target.name, await view.see()] as const)),
        Promise.all(apis.map(async ({ endpoint, view }) => [endpoint.address, await view.see()] as const)),
      ]);
      learnFrom(session, seenServers, seenApis);
      const [byServer, byApi] = [new Map(seenServers), new Map(seenApis)];
      const at = clock.monotonic();
      const wall = clock.wall();
      const { scheduledAt } = session.known();
      return {
        ...{ at, wall, scheduled: scheduledAt !== undefined && Math.abs(wall - scheduledAt) < SCHEDULED_MS },
        sights: session.nodes().map(({ name, server, api }) => {
          const seen = server === null ? undefined : byServer.get(server);
          const told = api === null ? undefined : byApi.get(api);
          return sightOf(name, at, seen, told, [...byServer.values()]);
        }),
      };
    },
  };
};

const learnFrom = (
  session: Pick<ClusterSession, 'learn'>,
  servers: readonly (readonly [string, ServerView])[],
  apis: readonly (readonly [string, ApiView])[],
): void =>
  session.learn(
    apis.map(([address, { answer }]) => ({
      address,
      name: answer?.patroni.name,
      started: momentOf(answer?.postmaster_start_time) ?? undefined,
    })),
    new Map(servers.flatMap(([name, { look }]) => (look === null ? [] : [[name, look.started] as const]))),
  );

const sightOf = (
  name: string,
  at: number,
  server: ServerView | undefined,
  api: ApiView | undefined,
  servers: readonly ServerView[],
): Sight => {
  const answer = api?.answer ?? null;
  const shared = {
    name,
    patroni: api?.patroni ?? null,
    storeLost: api?.storeLost ?? null,
    stopping: server?.stopping === true || answer?.state === 'stopping',
  };
  if (server !== undefined) {
    const { look, postgres, brokeAt } = server;
    const { in_recovery, timeline, started } = look ?? { in_recovery: null, timeline: null, started: null };
    // A server that lets nobody in says nothing of its role, but it is there.
    const writable = in_recovery === null ? (postgres === 'answers' ? null : false) : !in_recovery;
    return { ...shared, at: server.at, writable, timeline, started, postgres, brokeAt };
  }
  const started = momentOf(answer?.postmaster_start_time);
  const isPrimary = answer !== null && ['master', 'primary'].includes(answer.role) && answer.state === 'running';
  return {
    ...{ ...shared, at: api?.at ?? at, postgres: null, brokeAt: null },
    writable: answer === null ? null : isPrimary ? isAnother(started, servers) : false,
    timeline: answer?.timeline ?? null,
    started,
  };
};

/** Whether it is none of the servers that we ask ourselves; if one of those is silent, nobody can tell. */
const isAnother = (started: number | null, servers: readonly ServerView[]): true | null => {
  if (servers.length === 0) return true;
  if (started === null || servers.some(({ look }) => look === null)) return null;
  return servers.some(({ look }) => isSameStart(look?.started, started)) ? null : true;
};

type View<T> = { readonly see: () => Promise<T> };

const viewServer = (
  server: Server,
  limits: Config['timeouts'],
  clock: Clock,
): View<ServerView> & { readonly isBroken: () => boolean } => {
  const { connect_ms, statement_ms } = limits;
  // The server's own limit ends a statement that hangs; our patience is shorter, and costs it nothing.
  const ask = (): Promise<Look> =>
    server.use(
      (session) => readLook(session, deadlineIn(limits.scrape_ms, clock)),
      deadlineIn(connect_ms + statement_ms + 1000, clock),
    );
  const asked = asking(ask, clock);
  let reach: Reach | null = null;
  let seenEnding: number | undefined;

  /** Does not wait: what a knock brings is told with the next beat. */
  const knock = (): void =>
    void server.reach().then((answer) => {
      reach = answer;
    });

  return {
    isBroken: () => server.ending()?.at !== seenEnding,
    see: async () => {
      const result = await asked(PATIENCE_MS);
      const now = clock.monotonic();
      const ending = server.ending();
      const brokeAt = ending !== undefined && ending.at !== seenEnding ? ending.at : null;
      seenEnding = ending?.at;
      const wasStopped = ending?.how === 'shut down' && now - ending.at < SHUTDOWN_MS;
      if (result !== 'pending' && !(result.outcome instanceof Problem)) {
        reach = null;
        const { in_recovery } = result.outcome;
        // A primary that answers was not stopped but before this look: it is another life of it.
        const stopping = wasStopped && (in_recovery || brokeAt !== null);
        return { at: result.at, look: result.outcome, postgres: 'answers', stopping, brokeAt };
      }
      const told = result === 'pending' ? null : reachOfProblem(result.outcome as Problem);
      if (told === null) knock();
      const stopping = wasStopped || (result !== 'pending' && /shutting down/i.test((result.outcome as Problem).what));
      return { at: result === 'pending' ? now : result.at, look: null, postgres: told ?? reach, stopping, brokeAt };
    },
  };
};

/** What the server itself has said; null if it was not heard, and has to be knocked at. */
const reachOfProblem = (problem: Problem): Reach | null => {
  if (problem.what.includes('SQLSTATE 57P03')) return 'starting';
  if (problem.what.includes('ECONNREFUSED')) return 'refused';
  // It knows us not, or has no room: it is there.
  const isThere =
    /SQLSTATE (28|3D|42|53)/.test(problem.what) || ['authentication', 'permission'].includes(problem.kind);
  return isThere ? 'answers' : null;
};

const viewApi = (endpoint: Endpoint, session: Pick<ClusterSession, 'clock' | 'known'>): View<ApiView> => {
  const { clock } = session;
  const asked = asking(
    async () => memberAnswer.parse(await getJson(endpoint, '/patroni', deadlineIn(REST_MS, clock))),
    clock,
  );
  let store: { readonly seen: number | undefined; readonly since: number } = { seen: undefined, since: 0 };

  /** By whether the time it tells goes on, not by its clock against ours. */
  const isStoreLost = (answer: MemberAnswer, now: number): boolean | null => {
    const seen = answer.dcs_last_seen;
    if (seen === undefined) return null;
    if (seen !== store.seen) store = { seen, since: now };
    const loopWait = session.known().config?.loop_wait ?? 10;
    return now - store.since > loopWait * 1500 + 3000;
  };

  return {
    see: async () => {
      const result = await asked(PATIENCE_MS);
      const now = clock.monotonic();
      if (result === 'pending') return { at: now, answer: null, patroni: null, storeLost: null };
      const { at, outcome } = result;
      if (outcome instanceof Unreached) return { at, answer: null, patroni: outcome.reach, storeLost: null };
      // Whoever answers nonsense is there.
      if (outcome instanceof Problem) return { at, answer: null, patroni: 'answers', storeLost: null };
      return { at, answer: outcome, patroni: 'answers', storeLost: isStoreLost(outcome, now) };
    },
  };
};
