import type { AnyRule, PostgresFacts } from '@submilli/core';
import { archiverFailing } from './archiver-failing';
import { autovacuumBehind } from './autovacuum-behind';
import { autovacuumOff } from './autovacuum-off';
import { backendFsyncs } from './backend-fsyncs';
import { blockingChain } from './blocking-chain';
import { certificateExpiry } from './certificate-expiry';
import { checkpointSpacing } from './checkpoint-spacing';
import { checksumsOff } from './checksums-off';
import { connectionsNearLimit } from './connections-near-limit';
import { connectionsOversized } from './connections-oversized';
import { ddlQueue } from './ddl-queue';
import { deadlocks } from './deadlocks';
import { duplicateIndexes } from './duplicate-indexes';
import { durability } from './durability';
import { foreignKeyIndexes } from './foreign-key-indexes';
import { horizonHeld } from './horizon-held';
import { hugePagesOff } from './huge-pages-off';
import { idleInTransaction } from './idle-in-transaction';
import { invalidIndexes } from './invalid-indexes';
import { measuringOff } from './measuring-off';
import { pendingRestart } from './pending-restart';
import { plainSessions } from './plain-sessions';
import { plannerMethods } from './planner-methods';
import { preparedLeftOpen } from './prepared-left-open';
import { randomPageCost } from './random-page-cost';
import { redundantIndexes } from './redundant-indexes';
import { requestedCheckpoints } from './requested-checkpoints';
import { sequenceExhaustion } from './sequence-exhaustion';
import { sessionTimeouts } from './session-timeouts';
import { settingsFileErrors } from './settings-file-errors';
import { sharedBuffersSmall } from './shared-buffers-small';
import { slotRetention } from './slot-retention';
import { slowWalFlush } from './slow-wal-flush';
import { staleStatistics } from './stale-statistics';
import { tableAutovacuumOff } from './table-autovacuum-off';
import { tableBloat } from './table-bloat';
import { temporaryFiles } from './temporary-files';
import { unusedIndexes } from './unused-indexes';
import { vacuumMemory } from './vacuum-memory';
import { walBuffersFull } from './wal-buffers-full';
import { walLevelMinimal } from './wal-level-minimal';
import { weakAuthentication } from './weak-authentication';
import { wraparoundNear } from './wraparound-near';

/** Every rule on a server: one file and one line each. */
export const databaseRules: readonly AnyRule<PostgresFacts>[] = [
  ...[durability, autovacuumOff, settingsFileErrors, wraparoundNear, horizonHeld, blockingChain, ddlQueue],
  ...[archiverFailing, slotRetention, connectionsNearLimit, idleInTransaction, preparedLeftOpen, deadlocks],
  ...[requestedCheckpoints, checkpointSpacing, slowWalFlush, walBuffersFull, sharedBuffersSmall, temporaryFiles],
  ...[plannerMethods, measuringOff, checksumsOff, hugePagesOff, sessionTimeouts, pendingRestart],
  ...[certificateExpiry, plainSessions, weakAuthentication],
  ...[autovacuumBehind, tableAutovacuumOff, staleStatistics, sequenceExhaustion, tableBloat],
  ...[invalidIndexes, foreignKeyIndexes, duplicateIndexes, redundantIndexes, unusedIndexes],
  ...[walLevelMinimal, randomPageCost, connectionsOversized, vacuumMemory, backendFsyncs],
];
