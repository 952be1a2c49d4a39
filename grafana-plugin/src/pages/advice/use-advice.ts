import { useMemo } from 'react';
import { useRecommendations } from '../../api/use-exporters';
import type { Advice } from '../../domain/advice';

/** What all exporters advise, now and before, and which of them could not be asked. */
export const useAdvice = () => {
  const answers = useRecommendations();
  const stamp = answers.map(({ at }) => at).join();
  const [now, earlier] = useMemo(() => {
    const of = (kind: 'recommendations' | 'earlier'): readonly Advice[] =>
      answers.flatMap(({ exporter, data }) => (data?.[kind] ?? []).map((one): Advice => ({ ...one, exporter })));
    return [of('recommendations'), of('earlier')];
    // eslint-disable-next-line react-hooks/exhaustive-deps -- answers are new at each render, what they say is not
  }, [stamp]);
  const notEvaluated = answers.flatMap(({ data }) => data?.notEvaluated ?? []);
  return { answers, now, earlier, notEvaluated, loading: answers.some(({ loading }) => loading) };
};
