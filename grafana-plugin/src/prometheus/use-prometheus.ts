import type { DataFrame } from '@grafana/data';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useSettings } from '../app/settings-context';
import { type Queries, queryPrometheus, type Span } from './query';

export type Told = {
  /** By the name of the query; an empty list for one that found nothing. */
  readonly frames: ReadonlyMap<string, readonly DataFrame[]> | undefined;
  readonly problem: Error | undefined;
  readonly loading: boolean;
  readonly again: () => void;
};

/** What Prometheus says of some queries at the end of a span, or over it; asked again when the span moves. */
export const usePrometheus = (queries: Queries, span: Span, range = false): Told => {
  const { prometheusUid: uid = '' } = useSettings();
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['prometheus', uid, queries, span.from, span.to, range],
    queryFn: ({ signal }) => queryPrometheus(uid, queries, span, { range, signal }),
    ...{ enabled: uid !== '', placeholderData: keepPreviousData, refetchInterval: false as const },
  });
  return { frames: data, problem: error ?? undefined, loading: isPending, again: () => void refetch() };
};

/** What a failed query says of itself: in what was answered, or in the error. */
export const reasonOf = (problem: unknown): string => {
  const { message, data, statusText, status } = (typeof problem === 'object' && problem !== null ? problem : {}) as {
    readonly message?: string;
    readonly data?: { readonly message?: string };
    readonly statusText?: string;
    readonly status?: number;
  };
  return [data?.message, message, statusText].find((one) => (one ?? '') !== '') ?? `HTTP ${status ?? 'error'}`;
};
