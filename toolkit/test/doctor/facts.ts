import type { BlockingTree } from '@submilli/core';
import type { PoolFacts, ServerFacts, Session } from '../../src/doctor/facts';

/** Facts for tests, each whole, with what a test is about put in. */

export const session = (part: Partial<Session> = {}): Session => ({
  ...{ pid: 4711, backendStart: '1764340000.000001', transactionStart: '1764341000.000002' },
  ...{ database: 'app', user: 'app', application: 'shop', kind: 'client backend' },
  ...{ state: 'idle in transaction', stateSeconds: 600, transactionSeconds: 700 },
  ...{ isSuperuser: false, isReplication: false },
  ...part,
});

/** Somebody waits for the session, for so long. */
export const treeOf = (pid: number, longestSeconds: number): BlockingTree => {
  const common = { database: 'app', user: 'app', application: '', waitEvent: null, queryid: null };
  const lock = { mode: 'RowExclusiveLock', type: 'relation', relation: 'public.orders' };
  const victim = { ...common, pid: 99, state: 'active', waitingSeconds: longestSeconds, lock };
  return {
    root: {
      ...{ ...common, pid, state: null, waitingSeconds: null, transactionSeconds: null, lock: null },
      blocks: [{ ...victim, transactionSeconds: longestSeconds, blocks: [] }],
    },
    ...{ victims: 1, depth: 1, longestSeconds },
  };
};

export const server = (part: Partial<ServerFacts> = {}): ServerFacts => ({
  ...{ name: 'pg1', host: '10.0.0.1', port: 5432, role: 'primary', system: '7', room: 97, sessions: [], trees: [] },
  ...part,
});

export const pool = (part: Partial<PoolFacts> = {}): PoolFacts => ({
  ...{ name: 'pool', advice: [], notEvaluated: [], leadsTo: [] },
  ...part,
});
