import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Alert, Card, LoadingPlaceholder, TagList, useStyles2 } from '@grafana/ui';
import { backendSrv } from '../backend';
import type { Found } from './links';
import { useAnswer } from './use-answer';

type Hit = Found & { readonly tags: readonly string[] };

const ask = (type: string): Promise<readonly Hit[]> => backendSrv.get<readonly Hit[]>('/api/search', { type });

/** `/dashboards`: all there are. */
export const DashboardList = () => {
  const styles = useStyles2(stylesOf);
  const { answer, problem } = useAnswer(ask, 'dash-db');
  if (problem !== undefined)
    return (
      <Alert severity="error" title="The dashboards could not be listed">
        {problem.message}
      </Alert>
    );
  if (answer === undefined) return <LoadingPlaceholder text="" />;
  return (
    <ul className={styles.list}>
      {answer.map(({ uid, title, url, tags }) => (
        <li key={uid}>
          <Card noMargin href={url}>
            <Card.Heading>{title}</Card.Heading>
            <Card.Tags>
              <TagList tags={[...tags]} />
            </Card.Tags>
          </Card>
        </li>
      ))}
    </ul>
  );
};

const stylesOf = (theme: GrafanaTheme2) => ({
  list: css({ listStyle: 'none', display: 'grid', gap: theme.spacing(1), maxWidth: theme.spacing(100) }),
});
