import type { GrafanaTheme2 } from '@grafana/data';
import { css, cx } from '@emotion/css';
import { locationService } from '@grafana/runtime';
import { useStyles2 } from '@grafana/ui';
import type { MouseEvent, ReactNode } from 'react';
import { useLocation } from 'react-router-dom';
import { boot } from './boot';

const RANK = { Viewer: 0, Editor: 1, Admin: 2 } as const;
const mayGo = (role: string | undefined): boolean => RANK[boot.role] >= RANK[(role ?? 'Viewer') as keyof typeof RANK];

/** What Grafana draws around a page, in its barest form. Links without a handler of their own stay within it, as there. */
export const Chrome = ({ children }: { readonly children: ReactNode }) => {
  const styles = useStyles2(stylesOf);
  const { pathname, search } = useLocation();
  const pages = boot.plugin.includes.filter(
    ({ type, addToNav, role }) => type === 'page' && addToNav === true && mayGo(role),
  );
  const links = [
    ...pages.map(({ name, path }) => ({ name, path: path.replaceAll('%PLUGIN_ID%', boot.plugin.id) })),
    { name: 'Dashboards', path: '/dashboards' },
    { name: 'Panels', path: '/panels' },
  ];
  const look = new URLSearchParams(search);
  const kept = new URLSearchParams(
    [...look].filter(([key]) => ['theme', 'role', 'fault', 'from', 'to'].includes(key) || key.startsWith('var-')),
  ).toString();
  const isDashboard = pathname.startsWith('/d/');
  const current = links.find(
    ({ path }) => pathname === path || pathname.startsWith(`${path}/`) || (isDashboard && path === '/dashboards'),
  );
  return (
    <div className={styles.page}>
      <header className={styles.top}>
        <strong>{boot.plugin.name}</strong>
        <span>Preview, not Grafana. Seen as {boot.role}.</span>
      </header>
      <nav className={styles.nav} aria-label="Pages">
        {links.map(({ name, path }) => (
          <a
            key={path}
            href={`${path}${kept === '' ? '' : `?${kept}`}`}
            aria-current={current?.path === path ? 'page' : undefined}
            className={cx(styles.link, current?.path === path && styles.current)}
            onClick={goThere}
          >
            {name}
          </a>
        ))}
      </nav>
      <main className={styles.main} onClick={goThere}>
        {isDashboard ? null : <h1 className={styles.title}>{current?.name ?? boot.plugin.name}</h1>}
        {children}
      </main>
    </div>
  );
};

/** Within the page, unless somebody wants it elsewhere. */
export const goThere = (event: MouseEvent<HTMLElement>): void => {
  const link = (event.target as HTMLElement).closest('a');
  if (link === null || event.defaultPrevented || event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0)
    return;
  if (link.target !== '' || link.origin !== location.origin) return;
  event.preventDefault();
  locationService.push(`${link.pathname}${link.search}${link.hash}`);
};

const stylesOf = (theme: GrafanaTheme2) => ({
  page: css({
    display: 'grid',
    gridTemplateColumns: `${theme.spacing(24)} minmax(0, 1fr)`,
    minHeight: '100vh',
    alignContent: 'start',
    background: theme.colors.background.canvas,
    [theme.breakpoints.down('md')]: { gridTemplateColumns: 'minmax(0, 1fr)' },
  }),
  top: css({
    gridColumn: '1 / -1',
    display: 'flex',
    flexWrap: 'wrap',
    gap: theme.spacing(2),
    padding: theme.spacing(1, 2),
    background: theme.colors.background.primary,
    borderBottom: `1px solid ${theme.colors.border.weak}`,
  }),
  nav: css({
    padding: theme.spacing(2, 1),
    display: 'grid',
    alignContent: 'start',
    gap: theme.spacing(0.5),
    [theme.breakpoints.down('md')]: { display: 'flex', overflowX: 'auto', padding: theme.spacing(1) },
  }),
  link: css({ padding: theme.spacing(0.5, 1), borderRadius: theme.shape.radius.default, whiteSpace: 'nowrap' }),
  current: css({ background: theme.colors.action.selected, fontWeight: theme.typography.fontWeightMedium }),
  main: css({ padding: theme.spacing(2), minWidth: 0 }),
  title: css({ ...theme.typography.h2 }),
});
