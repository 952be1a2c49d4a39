import { QueryClient, useMutation, useQueries, useQuery, useQueryClient } from '@tanstack/react-query';
import type { AdviceAction, AdviceRequest, Recommendation, RecommendationsAnswer } from '@submilli/api/recommendations';
import { recommendationsAnswer } from '@submilli/api/recommendations';
import { type StatusAnswer, statusAnswer } from '@submilli/api/status';
import type { z } from 'zod';
import { useSettings } from '../app/settings-context';
import { configured, type ExporterName } from '../settings';
import { noteOnAdvice, readResource } from './client';
import { ExporterProblem } from './problem';

/** Exporters are read about as often as Prometheus reads them; what is older is shown, and replaced when it comes. */
const FRESH_MS = 15_000;

export const createQueryClient = (): QueryClient =>
  new QueryClient({
    defaultOptions: {
      queries: {
        ...{ staleTime: FRESH_MS, gcTime: 5 * 60_000, refetchInterval: 2 * FRESH_MS, refetchOnWindowFocus: true },
        // Somebody who refuses does so again.
        retry: (times, error) => error instanceof ExporterProblem && error.kind === 'down' && times < 1,
        retryDelay: 1000,
      },
    },
  });

/** What one exporter has to say. `problem` and `data` together: it said this before, and can't be asked now. */
export type Answer<T> = {
  readonly exporter: ExporterName;
  readonly data: T | undefined;
  readonly problem: ExporterProblem | undefined;
  readonly loading: boolean;
  /** Milliseconds since the epoch; 0 before the first answer. */
  readonly at: number;
  readonly again: () => void;
};

type Asked = {
  readonly data?: unknown;
  readonly error: unknown;
  readonly isPending: boolean;
  readonly fetchStatus: string;
  readonly dataUpdatedAt: number;
  readonly refetch: () => unknown;
};

const answerOf = <T>(exporter: ExporterName, has: boolean, asked: Asked): Answer<T> => ({
  exporter,
  data: asked.data as T | undefined,
  problem: has ? (asked.error === null ? undefined : problemIn(asked.error, exporter)) : notConfigured(exporter),
  loading: has && asked.isPending && asked.fetchStatus !== 'idle',
  at: asked.dataUpdatedAt,
  again: () => void asked.refetch(),
});

const problemIn = (error: unknown, exporter: ExporterName): ExporterProblem =>
  error instanceof ExporterProblem ? error : new ExporterProblem('unexpected', exporter, String(error));

const notConfigured = (exporter: ExporterName): ExporterProblem =>
  new ExporterProblem('not-configured', exporter, 'it has no address in the configuration');

/** A resource of one exporter, about one of its targets (its first, if none is named). */
export const useResource = <T>(
  exporter: ExporterName,
  path: string,
  schema: z.ZodType<T>,
  { target, enabled = true }: { readonly target?: string; readonly enabled?: boolean } = {},
): Answer<T> => {
  const has = configured(useSettings()).includes(exporter);
  const asked = useQuery({
    queryKey: [exporter, path, target ?? null],
    queryFn: ({ signal }) => readResource(exporter, path, schema, { target, signal }),
    enabled: has && enabled,
  });
  return answerOf(exporter, has, asked);
};

/** What each exporter advises: one that is down leaves the others standing. */
export const useRecommendations = (): readonly Answer<RecommendationsAnswer>[] => {
  const names = configured(useSettings());
  const asked = useQueries({
    queries: names.map((exporter) => ({
      queryKey: adviceKey(exporter),
      queryFn: ({ signal }: { signal: AbortSignal }) =>
        readResource(exporter, 'recommendations', recommendationsAnswer, { signal }),
    })),
  });
  return names.map((exporter, i) => answerOf<RecommendationsAnswer>(exporter, true, asked[i] as Asked));
};

const adviceKey = (exporter: ExporterName): readonly unknown[] => [exporter, 'recommendations', null];

/** The same resource about each of several targets of one exporter. */
export const useTargetsResource = <T>(
  exporter: ExporterName,
  path: string,
  schema: z.ZodType<T>,
  targets: readonly string[],
): readonly (Answer<T> & { readonly target: string })[] => {
  const asked = useQueries({
    queries: targets.map((target) => ({
      queryKey: [exporter, path, target],
      queryFn: ({ signal }: { signal: AbortSignal }) => readResource(exporter, path, schema, { target, signal }),
    })),
  });
  return targets.map((target, i) => ({ target, ...answerOf<T>(exporter, true, asked[i] as Asked) }));
};

/** The targets of an exporter that are configured there, up or not. */
export const useTargets = (exporter: ExporterName): Answer<StatusAnswer> & { readonly names: readonly string[] } => {
  const answer = useResource(exporter, 'status', statusAnswer);
  return { ...answer, names: answer.data?.targets.map(({ name }) => name) ?? [] };
};

export type Note = {
  readonly exporter: ExporterName;
  readonly id: string;
  readonly action: AdviceAction;
  readonly request: AdviceRequest;
};

/** Says something about a recommendation, for the team; lists show it at once. */
export const useNote = () => {
  const client = useQueryClient();
  return useMutation<Recommendation, ExporterProblem, Note>({
    mutationFn: ({ exporter, id, action, request }) => noteOnAdvice(exporter, id, action, request),
    onSuccess: (changed, { exporter }) => {
      client.setQueryData<RecommendationsAnswer>(adviceKey(exporter), (before) =>
        before === undefined
          ? before
          : {
              ...before,
              recommendations: before.recommendations.map((one) => (one.id === changed.id ? changed : one)),
            },
      );
      return client.invalidateQueries({ queryKey: adviceKey(exporter) });
    },
  });
};
