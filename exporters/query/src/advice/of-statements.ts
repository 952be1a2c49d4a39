import type { AnyRule, PostgresFacts } from '@submilli/core';
import { jitInShortStatements } from './jit-in-short-statements';
import { nPlusOne } from './n-plus-one';
import { planningDominates } from './planning-dominates';
import { planningUnknown } from './planning-unknown';
import { statementRegressed } from './statement-regressed';
import { statementSpills } from './statement-spills';
import { statementsEvicted } from './statements-evicted';
import { walSurge } from './wal-surge';

/** Rules on statements: one file and one line each. */
export const statementRules: readonly AnyRule<PostgresFacts>[] = [
  ...[statementRegressed, statementSpills, planningDominates, planningUnknown],
  ...[jitInShortStatements, nPlusOne, walSurge, statementsEvicted],
];
