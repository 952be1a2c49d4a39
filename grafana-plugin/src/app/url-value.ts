import { useCallback } from 'react';
import { useSearchParams } from 'react-router-dom';

/** A value that is in the URL, or `fallback`; setting it to the fallback takes it out again. */
export const useUrlValue = (
  name: string,
  fallback = '',
  { replace = false }: { readonly replace?: boolean } = {},
): readonly [string, (value: string) => void] => {
  const [params, setParams] = useSearchParams();
  const set = useCallback(
    (value: string) =>
      setParams(
        (before) => {
          const next = new URLSearchParams(before);
          if (value === fallback) next.delete(name);
          else next.set(name, value);
          return next;
        },
        { replace },
      ),
    [setParams, name, fallback, replace],
  );
  return [params.get(name) ?? fallback, set];
};
