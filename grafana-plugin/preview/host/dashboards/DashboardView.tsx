import type { GrafanaTheme2 } from '@grafana/data';
import { css } from '@emotion/css';
import { UrlSyncContextProvider } from '@grafana/scenes';
import type { Dashboard } from '@grafana/schema';
import { Alert, LinkButton, LoadingPlaceholder, useStyles2 } from '@grafana/ui';
import { useMemo } from 'react';
import { useLocation, useParams } from 'react-router-dom';
import { backendSrv } from '../backend';
import { type Found, linksOf } from './links';
import { sceneOf } from './scene';
import { useAnswer } from './use-answer';

type Answer = {
  readonly dashboard: Dashboard;
  readonly all: readonly (Found & { readonly tags: readonly string[] })[];
};

const ask = async (uid: string): Promise<Answer> => {
  const [{ dashboard }, all] = await Promise.all([
    backendSrv.get<{ dashboard: Dashboard }>(`/api/dashboards/uid/${encodeURIComponent(uid)}`),
    backendSrv.get<Answer['all']>('/api/search', { type: 'dash-db' }),
  ]);
  return { dashboard, all };
};

/** `/d/UID`: a committed dashboard as Grafana would show it. */
export const DashboardView = () => {
  const { uid = '' } = useParams();
  const { answer, problem } = useAnswer(ask, uid);
  if (problem !== undefined) return <NotShown uid={uid} problem={problem} />;
  if (answer === undefined) return <LoadingPlaceholder text="" />;
  return <Shown key={uid} {...answer} />;
};

const NotShown = ({
  uid,
  problem,
}: {
  readonly uid: string;
  readonly problem: { status?: number; message: string };
}) =>
  problem.status === 404 ? (
    <>
      <h1>Dashboard not found</h1>
      <p>There is no dashboard with the uid “{uid}”.</p>
      <LinkButton href="/dashboards" variant="secondary">
        All dashboards
      </LinkButton>
    </>
  ) : (
    <Alert severity="error" title={`The dashboard ${uid} could not be loaded`}>
      {problem.message}
    </Alert>
  );

const Shown = ({ dashboard, all }: Answer) => {
  const styles = useStyles2(stylesOf);
  const { search } = useLocation();
  const scene = useMemo(() => sceneOf(dashboard), [dashboard]);
  const links = linksOf(dashboard, search, (tags) => all.filter((one) => tags.every((tag) => one.tags.includes(tag))));
  return (
    <>
      <div className={styles.heading}>
        <h1 className={styles.title} title={dashboard.description ?? ''}>
          {dashboard.title}
        </h1>
        <nav className={styles.links} aria-label="Links of the dashboard">
          {links.map(({ title, href }) => (
            <LinkButton key={href} href={href} size="sm" fill="outline" variant="secondary">
              {title}
            </LinkButton>
          ))}
        </nav>
      </div>
      <UrlSyncContextProvider scene={scene} updateUrlOnInit createBrowserHistorySteps>
        <scene.Component model={scene} />
      </UrlSyncContextProvider>
    </>
  );
};

const stylesOf = (theme: GrafanaTheme2) => ({
  heading: css({
    display: 'flex',
    flexWrap: 'wrap',
    justifyContent: 'space-between',
    alignItems: 'center',
    gap: theme.spacing(1),
  }),
  title: css({ ...theme.typography.h4, margin: 0 }),
  links: css({ display: 'flex', flexWrap: 'wrap', gap: theme.spacing(1) }),
});
