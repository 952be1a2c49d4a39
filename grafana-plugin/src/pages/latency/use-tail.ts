import { latencyAnswer } from '@submilli/api/latency';
import { useTargets, useTargetsResource } from '../../api/use-exporters';
import { quantileOfAll, tailBy } from '../../domain/tail';
import { useStatements } from '../queries/use-statements';

/** Which statements make the tail of all targets: whose calls are above the P99 of all calls. */
export const useTail = (database = '') => {
  const targets = useTargets('query');
  const answers = useTargetsResource('query', 'latency', latencyAnswer, targets.names);
  const { statements: known } = useStatements();
  const isOurs = (one: { readonly database: string }): boolean => database === '' || one.database === database;
  const types = answers
    .flatMap(({ target, data }) => (data?.types ?? []).map((one) => ({ ...one, target })))
    .filter(isOurs);
  const statements = answers.flatMap(({ target, data }) =>
    (data?.statements ?? []).filter(isOurs).map((one) => {
      const text = known.find(
        (other) => other.target === target && other.queryid === one.queryid && other.database === one.database,
      );
      return { ...one, target, query: text?.query ?? null, baseline: text?.baseline ?? null };
    }),
  );
  const line = quantileOfAll(statements, 0.99);
  return {
    ...{ line, answers: [targets, ...answers], types },
    windowSeconds: Math.max(0, ...answers.map(({ data }) => data?.windowSeconds ?? 0)),
    log: answers.find(({ data }) => (data?.log ?? null) !== null)?.data?.log ?? null,
    shares: line === null ? [] : tailBy(statements, line),
    /** Nobody could be asked: nothing that follows says that there is nothing. */
    isSilent: answers.every(({ data }) => data === undefined),
    loading: targets.loading || answers.some((one) => one.loading),
  };
};
