import type { GrafanaTheme2 } from '@grafana/data';
import { css } from '@emotion/css';
import { t } from '@grafana/i18n';
import { Badge, TextLink, useStyles2 } from '@grafana/ui';
import { type Advice, type AdviceGroup, severities, type Severity } from '../../domain/advice';
import { severityColor, severityIcon, severityWord, stateWord } from './words';

type Props = {
  readonly groups: readonly AdviceGroup[];
  readonly linkOf: (advice: Advice) => string;
  /** Set aside by whoever looks, for himself. */
  readonly isAside?: (advice: Advice) => boolean;
  readonly dense?: boolean;
};

/** Recommendations as links to all that is known of each. */
export const RecommendationList = ({ groups, linkOf, isAside = () => false, dense = false }: Props) => {
  const styles = useStyles2(stylesOf);
  return (
    <>
      {groups.map(({ name, advice }) => (
        <section key={name} aria-label={name === '' ? t('advice.list', 'Advice') : name}>
          {name === '' ? null : (
            <h3 className={styles.group}>
              {severities.find((one) => one === name) === undefined ? name : severityWord(name as Severity)}{' '}
              <span className={styles.quiet}>({advice.length})</span>
            </h3>
          )}
          <ul className={styles.list}>
            {advice.map((one) => (
              <li key={`${one.exporter}-${one.id}`} className={styles.item} data-testid="recommendation">
                <div className={styles.head}>
                  <Badge
                    color={severityColor[one.severity]}
                    icon={severityIcon[one.severity]}
                    text={severityWord(one.severity)}
                  />
                  <TextLink href={linkOf(one)} color="primary" variant="body" weight="medium" inline={false}>
                    {one.title}
                  </TextLink>
                  {one.state === 'open' ? null : <Badge color="darkgrey" text={stateWord(one.state)} />}
                  {isAside(one) ? <Badge color="darkgrey" text={t('advice.aside', 'put aside by you')} /> : null}
                </div>
                {dense ? null : <p className={styles.why}>{one.why}</p>}
                <p className={styles.quiet}>
                  {one.target} · {one.rule}
                  <Gain advice={one} />
                </p>
              </li>
            ))}
          </ul>
        </section>
      ))}
    </>
  );
};

const Gain = ({ advice: { impact } }: { readonly advice: Advice }) => {
  if (impact.before === null || impact.after === null) return null;
  return (
    <>
      {' · '}
      {impact.what}: {impact.before} → <strong>{impact.after}</strong>
    </>
  );
};

const stylesOf = (theme: GrafanaTheme2) => ({
  group: css({ ...theme.typography.h5, margin: `${theme.spacing(2)} 0 ${theme.spacing(1)}` }),
  list: css({ listStyle: 'none', display: 'grid', gap: theme.spacing(1) }),
  item: css({
    background: theme.colors.background.primary,
    border: `1px solid ${theme.colors.border.weak}`,
    borderRadius: theme.shape.radius.default,
    padding: theme.spacing(1.5, 2),
  }),
  head: css({ display: 'flex', flexWrap: 'wrap', gap: theme.spacing(1), alignItems: 'center' }),
  why: css({ margin: `${theme.spacing(0.5)} 0`, maxWidth: '100ch' }),
  quiet: css({ color: theme.colors.text.secondary, fontSize: theme.typography.bodySmall.fontSize, margin: 0 }),
});
