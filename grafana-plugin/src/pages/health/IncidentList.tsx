import { dateTimeFormat, type GrafanaTheme2 } from '@grafana/data';
import { css } from '@emotion/css';
import { t } from '@grafana/i18n';
import { Badge, TextLink, useStyles2 } from '@grafana/ui';
import { useLinks } from '../../app/links';
import { points, seconds } from '../../components/format';
import { componentName, gradeWord } from '../../components/score/grade';
import type { Incident } from '../../domain/score/incidents';

/** Around an incident, so that how it began and ended is seen. */
const MARGIN = 0.5;
const LEAST_MARGIN_MS = 120_000;

type Props = { readonly incidents: readonly Incident[]; readonly database: string };

/** Times in which the score was poor or worse: when, how bad, for what; each a link to that time. */
export const IncidentList = ({ incidents, database }: Props) => {
  const styles = useStyles2(stylesOf);
  if (incidents.length === 0) {
    return (
      <p className={styles.quiet}>
        {t('health.no-incidents', 'No incident in this time: the score was never below 70.')}
      </p>
    );
  }
  return (
    <ul className={styles.list} aria-label={t('health.incidents', 'Incidents')}>
      {incidents.map((one) => (
        <IncidentItem key={one.from} incident={one} database={database} />
      ))}
    </ul>
  );
};

const IncidentItem = ({ incident, database }: { readonly incident: Incident; readonly database: string }) => {
  const link = useLinks();
  const styles = useStyles2(stylesOf);
  const { from, to, open, lowest, grade, component } = incident;
  const margin = Math.max(LEAST_MARGIN_MS, (to - from) * MARGIN);
  const around = { from: String(Math.round(from - margin)), to: String(Math.round(to + margin)) };
  return (
    <li className={styles.item} data-testid="incident">
      <Badge color={grade === 'critical' ? 'red' : 'orange'} text={[points(lowest), gradeWord(grade)].join(' ')} />
      <TextLink href={link('health', { ...around, 'var-database': database })} inline={false} variant="bodySmall">
        {dateTimeFormat(from)} – {open ? t('health.still', 'still so') : dateTimeFormat(to)}
      </TextLink>
      <span className={styles.quiet}>
        {open || to === from ? null : `${seconds((to - from) / 1000)}, `}
        {component === undefined
          ? t('health.cause-unknown', 'for what is not known')
          : t('health.cause', 'for {{component}}', { component: componentName(component) })}
      </span>
    </li>
  );
};

const stylesOf = (theme: GrafanaTheme2) => ({
  list: css({ listStyle: 'none', display: 'grid', gap: theme.spacing(0.5) }),
  item: css({ display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: theme.spacing(1) }),
  quiet: css({ color: theme.colors.text.secondary, margin: 0, fontSize: theme.typography.bodySmall.fontSize }),
});
