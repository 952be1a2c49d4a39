import { usePluginUserStorage } from '@grafana/runtime';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback } from 'react';
import { type Aside, type Asides, parseAsides, writeAsides } from '../../domain/aside';

const KEY = 'put-aside';
const NOTHING: Asides = new Map();

/** What the user has put aside for himself, a way to do that and to take it back (`undefined`), and whether it is known. */
export const useAsides = (): readonly [Asides, (id: string, aside: Aside | undefined) => Promise<void>, boolean] => {
  const storage = usePluginUserStorage();
  const client = useQueryClient();
  const { data = NOTHING, isPending } = useQuery({
    queryKey: ['user', KEY],
    queryFn: async () => parseAsides(await storage.getItem(KEY)),
    ...{ staleTime: Infinity, refetchInterval: false as const },
  });
  const put = useCallback(
    async (id: string, aside: Aside | undefined) => {
      const next = new Map(parseAsides(await storage.getItem(KEY)));
      next.delete(id);
      if (aside !== undefined) next.set(id, aside);
      await storage.setItem(KEY, writeAsides(next));
      client.setQueryData(['user', KEY], next);
    },
    [storage, client],
  );
  return [data, put, !isPending];
};
