import type { AnyRule, PostgresFacts } from '@submilli/core';
import { archiverFailing } from './archiver-failing';
import { autovacuumOff } from './autovacuum-off';
import { blockingChain } from './blocking-chain';
import { certificateExpiry } from './certificate-expiry';
import { checkpointSpacing } from './checkpoint-spacing';
import { checksumsOff } from './checksums-off';
import { connectionsNearLimit } from './connections-near-limit';
import { ddlQueue } from './ddl-queue';
import { deadlocks } from './deadlocks';
import { durability } from './durability';
import { horizonHeld } from './horizon-held';
import { hugePagesOff } from './huge-pages-off';
import { idleInTransaction } from './idle-in-transaction';
import { measuringOff } from './measuring-off';
import { pendingRestart } from './pending-restart';
import { plainSessions } from './plain-sessions';
import { plannerMethods } from './planner-methods';
import { preparedLeftOpen } from './prepared-left-open';
import { requestedCheckpoints } from './requested-checkpoints';
import { sessionTimeouts } from './session-timeouts';
import { settingsFileErrors } from './settings-file-errors';
import { sharedBuffersSmall } from './shared-buffers-small';
import { slotRetention } from './slot-retention';
import { slowWalFlush } from './slow-wal-flush';
import { temporaryFiles } from './temporary-files';
import { walBuffersFull } from './wal-buffers-full';
import { weakAuthentication } from './weak-authentication';
import { wraparoundNear } from './wraparound-near';
import { autovacuumBehind } from './autovacuum-behind';
import { duplicateIndexes } from './duplicate-indexes';
import { foreignKeyIndexes } from './foreign-key-indexes';
import { invalidIndexes } from './invalid-indexes';
import { redundantIndexes } from './redundant-indexes';
import { sequenceExhaustion } from './sequence-exhaustion';
import { staleStatistics } from './stale-statistics';
import { tableBloat } from './table-bloat';
import { tableAutovacuumOff } from './table-autovacuum-off';
import { unusedIndexes } from './unused-indexes';

/** Every rule on a server: one file and one line each. */
export const databaseRules: readonly AnyRule<PostgresFacts>[] = [
  ...[durability, autovacuumOff, settingsFileErrors, wraparoundNear, horizonHeld, blockingChain, ddlQueue],
  ...[archiverFailing, slotRetention, connectionsNearLimit, idleInTransaction, preparedLeftOpen, deadlocks],
  ...[requestedCheckpoints, checkpointSpacing, slowWalFlush, walBuffersFull, sharedBuffersSmall, temporaryFiles],
  ...[plannerMethods, measuringOff, checksumsOff, hugePagesOff, sessionTimeouts, pendingRestart],
  ...[certificateExpiry, plainSessions, weakAuthentication],
  ...[autovacuumBehind, tableAutovacuumOff, staleStatistics, sequenceExhaustion, tableBloat],
  ...[invalidIndexes, foreignKeyIndexes, duplicateIndexes, redundantIndexes, unusedIndexes],
];
