import type { AnyRule } from '@submilli/core';
import type { PoolFacts } from '../source';
import { clientLimitNear } from './client-limit-near';
import { deadPeer } from './dead-peer';
import { paused } from './paused';
import { poolSize } from './pool-size';
import { preparedStatements } from './prepared-statements';
import { poolNotFilling } from './pool-not-filling';
import { poolOversized } from './pool-oversized';
import { reserveOff } from './reserve-off';
import { staleServers } from './stale-servers';
import { timeouts } from './timeouts';
import { poolAuthentication } from './pool-authentication';
import { poolsExceedServer } from './pools-exceed-server';
import { reserveUnused } from './reserve-unused';
import { sessionPooling } from './session-pooling';
import { waitsElsewhere } from './waits-elsewhere';
import { watcherCommands } from './watcher-commands';
import { withoutServer } from './without-server';

/** Every rule on a pooler: one file and one line each. */
export const poolRules: readonly AnyRule<PoolFacts>[] = [
  ...[poolNotFilling, reserveOff, poolOversized],
  ...[withoutServer, staleServers, poolSize, clientLimitNear, paused, timeouts, deadPeer, preparedStatements],
  ...[waitsElsewhere, poolsExceedServer, reserveUnused, sessionPooling, watcherCommands, poolAuthentication],
];
