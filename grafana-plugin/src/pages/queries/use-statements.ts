import { statementsAnswer } from '@submilli/api/statements';
import { useMemo } from 'react';
import { useTargets, useTargetsResource } from '../../api/use-exporters';
import type { Statement } from '../../domain/statements';

/** The statements of all targets of the query exporter. */
export const useStatements = () => {
  const targets = useTargets('query');
  const answers = useTargetsResource('query', 'statements', statementsAnswer, targets.names);
  const stamp = answers.map(({ target, at }) => `${target} ${at}`).join();
  const statements = useMemo(
    () => answers.flatMap(({ target, data }) => (data?.statements ?? []).map((one): Statement => ({ ...one, target }))),
    // eslint-disable-next-line react-hooks/exhaustive-deps -- answers are new at each render, what they say is not
    [stamp],
  );
  const windowSeconds = Math.max(0, ...answers.map(({ data }) => data?.windowSeconds ?? 0));
  const loading = targets.loading || answers.some((one) => one.loading);
  return {
    statements,
    windowSeconds,
    loading,
    answers: [targets, ...answers],
  };
};
