import type { AnyRule } from '@submilli/core';
import type { HaFacts } from '../source';
import { asyncWindow } from './async-window';
import { backupsAtRisk } from './backups';
import { failsafeOff } from './failsafe-off';
import { logicalSlotsAtRisk } from './logical-slots';
import { memberDrift } from './member-drift';
import { patroniVersion } from './patroni-version';
import { memberPendingRestart } from './pending-restart';
import { singlePooler } from './single-pooler';
import { singleSyncStandby } from './single-sync-standby';
import { slotsUnbounded } from './slots-unbounded';
import { slowSyncStandby } from './slow-sync-standby';
import { primaryStartTimeout } from './start-timeout';
import { storeWithoutMajority } from './store-without-majority';
import { ttlArithmetic } from './ttl-arithmetic';
import { unknownKeys } from './unknown-keys';
import { watchdog } from './watchdog';

/** Every rule on a cluster: one file and one line each. */
export const haRules: readonly AnyRule<HaFacts>[] = [
  ...[asyncWindow, slowSyncStandby, singleSyncStandby, storeWithoutMajority, singlePooler],
  ...[ttlArithmetic, primaryStartTimeout, failsafeOff, watchdog, patroniVersion, unknownKeys],
  ...[slotsUnbounded, logicalSlotsAtRisk, memberDrift, memberPendingRestart, backupsAtRisk],
];
