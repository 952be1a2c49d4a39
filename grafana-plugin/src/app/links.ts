import { useLocation } from 'react-router-dom';
import { ROOT } from '../constants';

/** What every page knows and so takes along: time, refresh, cluster and database. */
const TAKEN = /^(from|to|timezone|refresh|var-cluster|var-database)$/;

export const linkTo = (search: string, path: string, more: Readonly<Record<string, string>> = {}): string => {
  const all = [...new URLSearchParams(search)].filter(([key]) => TAKEN.test(key) && !(key in more));
  const query = new URLSearchParams([...all, ...Object.entries(more)]).toString();
  return `${ROOT}/${path}${query === '' ? '' : `?${query}`}`;
};

/** Links to other pages that keep time, cluster and database. */
export const useLinks = (): ((path: string, more?: Readonly<Record<string, string>>) => string) => {
  const { search } = useLocation();
  return (path, more) => linkTo(search, path, more);
};
