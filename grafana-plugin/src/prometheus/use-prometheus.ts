import type { DataFrame } from '@grafana/data';
import { useQuery } from '@tanstack/react-query';
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
  const about = JSON.stringify([uid, queries, range]);
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['prometheus', about, span.from, span.to],
    queryFn: ({ signal }) => queryPrometheus(uid, queries, span, { range, signal }),
    ...{ enabled: uid !== '', refetchInterval: false as const },
    // While time goes on, the same of a moment ago stands in; of another database it never does.
    placeholderData: (data, query) => (query?.queryKey[1] === about ? data : undefined),
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
