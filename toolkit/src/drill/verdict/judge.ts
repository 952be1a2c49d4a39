import type { DrillReport, DrillRun } from '@submilli/core';
import type { KindFacts } from '../kinds';

type Judged = DrillReport['verdict'];

const counted = (count: number, one: string): string => `${count} ${one}${count === 1 ? '' : 's'}`;

/** What is wrong with each run; without a finding the drill is passed. */
export const judge = (
  facts: Pick<KindFacts, 'noErrorsThroughPool' | 'recovers'>,
  runs: readonly DrillRun[],
  promisesLossless: boolean,
): Judged => {
  const findings = runs.flatMap((run, i) =>
    findingsOf(facts, run, promisesLossless).map((finding) => (runs.length > 1 ? `run ${i + 1}: ${finding}` : finding)),
  );
  return { passed: findings.length === 0, findings };
};

const findingsOf = (
  facts: Pick<KindFacts, 'noErrorsThroughPool' | 'recovers'>,
  run: DrillRun,
  promisesLossless: boolean,
): string[] =>
  run.paths
    .flatMap(({ path, lost, duplicates, failed, acknowledged, recoverySeconds }) => [
      ...(lost > 0 && promisesLossless
        ? [
            `${lost} ACKNOWLEDGED WRITE${lost === 1 ? '' : 'S'} LOST on the path ${path}, though synchronous mode promises none`,
          ]
        : []),
      ...(duplicates > 0 ? [`${counted(duplicates, 'write')} of the path ${path} there more than once`] : []),
      ...(path === 'pool' && facts.noErrorsThroughPool && failed > 0
        ? [`${counted(failed, 'error')} through the pool, where there should be none`]
        : []),
      ...(path !== 'old-primary' && (acknowledged === 0 || (facts.recovers && recoverySeconds === null))
        ? [`the path ${path} did not recover while the drill looked on`]
        : []),
    ])
    .concat(
      run.splitBrain.map(
        ({ from, to, members }) =>
          `SPLIT BRAIN: ${members.join(' and ')} both acknowledged writes from ${from.toFixed(2)} s to ${to.toFixed(2)} s`,
      ),
    )
    .concat(run.helped.map((what) => `the cluster did not get whole by itself: ${what}`));
