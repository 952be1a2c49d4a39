import type { GrafanaTheme2 } from '@grafana/data';
import { css } from '@emotion/css';
import { t } from '@grafana/i18n';
import { Badge, useStyles2 } from '@grafana/ui';
import type { ReadinessAnswer } from '@submilli/api/topology';
import { Card } from '../../components/Card';
import { wholePercent } from '../../components/format';

/** Would a failover go well if the primary were lost now, and if not, why? */
export const ReadinessCard = ({ readiness }: { readonly readiness: ReadinessAnswer | null }) => {
  const styles = useStyles2(stylesOf);
  const title = t('ha.readiness', 'Readiness for a failover');
  if (readiness === null) {
    return (
      <Card title={title}>
        <p>{t('ha.readiness-none', 'Not known: nothing of the cluster answers.')}</p>
      </Card>
    );
  }
  const { ratio, blocked, clear, unknown } = readiness;
  return (
    <Card title={title}>
      <p className={styles.sentence}>
        <Badge color={colorOf(ratio)} text={wholePercent(ratio)} /> {sentenceOf(ratio)}
      </p>
      {blocked.length === 0 ? null : (
        <ul className={styles.list}>
          {blocked.map(({ reason, share, sentence }) => (
            <li key={reason}>
              {sentence}{' '}
              <span className={styles.quiet}>
                {t('ha.share', '({{reason}}, takes {{share}})', { reason, share: wholePercent(share) })}
              </span>
            </li>
          ))}
        </ul>
      )}
      <p className={styles.quiet}>
        {t('ha.clear', 'Looked at and well: {{count}} of {{all}}.', {
          count: clear.length,
          all: clear.length + blocked.length + unknown.length,
        })}{' '}
        {unknown.length === 0
          ? null
          : t('ha.unknown', 'Not known: {{list}}.', {
              list: unknown.map(({ reason, why }) => `${reason} (${why})`).join(', '),
            })}
      </p>
    </Card>
  );
};

const colorOf = (ratio: number) => (ratio === 1 ? 'green' : ratio > 0 ? 'orange' : 'red');

const sentenceOf = (ratio: number): string => {
  if (ratio === 1) return t('ha.ready', 'Nothing is in the way of a failover.');
  return ratio > 0
    ? t('ha.partly-ready', 'A failover would happen, and not go as well as it should.')
    : t('ha.not-ready', 'A failover now would not happen, or must not.');
};

const stylesOf = (theme: GrafanaTheme2) => ({
  sentence: css({ fontSize: theme.typography.h5.fontSize, margin: `0 0 ${theme.spacing(1)}` }),
  list: css({ paddingLeft: theme.spacing(3), overflowWrap: 'anywhere' }),
  quiet: css({
    color: theme.colors.text.secondary,
    fontSize: theme.typography.bodySmall.fontSize,
    overflowWrap: 'anywhere',
  }),
});
