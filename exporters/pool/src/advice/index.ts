import type { AnyRule } from '@submilli/core';
import type { PoolFacts } from '../source';
import { clientLimitNear } from './client-limit-near';
import { deadPeer } from './dead-peer';
import { paused } from './paused';
import { poolSize } from './pool-size';
import { preparedStatements } from './prepared-statements';
import { staleServers } from './stale-servers';
import { timeouts } from './timeouts';
import { withoutServer } from './without-server';

/** Every rule on a pooler: one file and one line each. */
export const poolRules: readonly AnyRule<PoolFacts>[] = [
  ...[withoutServer, staleServers, poolSize, clientLimitNear, paused, timeouts, deadPeer, preparedStatements],
];
