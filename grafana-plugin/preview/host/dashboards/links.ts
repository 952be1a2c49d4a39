import type { Dashboard } from '@grafana/schema';

export type DashboardLink = NonNullable<Dashboard['links']>[number];
export type Found = { readonly uid: string; readonly title: string; readonly url: string };
export type Link = { readonly title: string; readonly href: string };

const TIME = ['from', 'to', 'timezone'];

/** What a link takes along of what is looked at, which is in the URL. */
const kept = ({ keepTime, includeVars }: DashboardLink, search: string): URLSearchParams =>
  new URLSearchParams(
    [...new URLSearchParams(search)].filter(
      ([key]) => (keepTime && TIME.includes(key)) || (includeVars && key.startsWith('var-')),
    ),
  );

const withParams = (url: string, params: URLSearchParams): string =>
  params.size === 0 ? url : `${url}${url.includes('?') ? '&' : '?'}${params.toString()}`;

/** The links of a dashboard, as of now: to an address, or to all other dashboards that have its tags. */
export const linksOf = (
  { links = [], uid }: Dashboard,
  search: string,
  found: (tags: readonly string[]) => readonly Found[],
): readonly Link[] =>
  links.flatMap((link): readonly Link[] => {
    const params = kept(link, search);
    if (link.type === 'link') return [{ title: link.title, href: withParams(link.url ?? '', params) }];
    return found(link.tags)
      .filter((one) => one.uid !== uid)
      .map(({ title, url }) => ({ title, href: withParams(url, params) }));
  });
