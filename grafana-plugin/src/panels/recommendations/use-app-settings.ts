import { getBackendSrv } from '@grafana/runtime';
import { useQuery } from '@tanstack/react-query';
import { firstValueFrom } from 'rxjs';
import { PLUGIN_ID } from '../../constants';
import type { Settings } from '../../settings';

export type AppSettings = {
  readonly settings: Settings | undefined;
  readonly problem: 'forbidden' | 'missing' | 'disabled' | 'failed' | undefined;
  readonly detail: string;
  readonly again: () => void;
};

type Meta = { readonly enabled?: boolean; readonly jsonData?: Settings };
type Refused = { readonly status?: number; readonly data?: { readonly message?: string } };

const read = async (signal: AbortSignal): Promise<Meta> =>
  (
    await firstValueFrom(
      getBackendSrv().fetch<Meta>({
        ...{ url: `/api/plugins/${PLUGIN_ID}/settings`, showErrorAlert: false, abortSignal: signal },
      }),
    )
  ).data;

/** A panel stands on anybody's dashboard: where the exporters are it has to ask the app. */
export const useAppSettings = (): AppSettings => {
  const { data, error, refetch } = useQuery({
    queryKey: ['app-settings'],
    queryFn: ({ signal }) => read(signal),
    ...{ staleTime: 5 * 60_000, refetchInterval: false as const },
  });
  const again = (): void => void refetch();
  if (data?.enabled === false) return { settings: undefined, problem: 'disabled', detail: '', again };
  if (data !== undefined) return { settings: data.jsonData ?? {}, problem: undefined, detail: '', again };
  if (error === null) return { settings: undefined, problem: undefined, detail: '', again };
  const { status, data: said } = error as Refused;
  const problem = status === 401 || status === 403 ? 'forbidden' : status === 404 ? 'missing' : 'failed';
  return { settings: undefined, problem, detail: said?.message ?? error.message ?? String(status ?? ''), again };
};
