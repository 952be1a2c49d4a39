import type { GrafanaTheme2 } from '@grafana/data';
import { css, cx } from '@emotion/css';
import { t, Trans } from '@grafana/i18n';
import { Icon, useStyles2 } from '@grafana/ui';
import { changeOf } from '../../domain/latency/compare';
import type { Estimate } from '../../domain/latency/histogram';
import { quantileName, targetOf, type Target, type Verdict, verdictOf } from '../../domain/latency/targets';
import { formatBounds } from '../charts/format';
import { seconds, times } from '../format';

export type QuantileValue = {
  readonly quantile: number;
  readonly value: Estimate | null;
  /** The same at the time it is compared with; left out where nothing is compared. */
  readonly before?: Estimate | null;
};

type Props = {
  readonly values: readonly QuantileValue[];
  readonly targets: readonly Target[];
  readonly caption: string;
};

/** Each quantile with its value, its bounds, its target, and whether it keeps to it. */
export const TargetsTable = ({ values, targets, caption }: Props) => {
  const styles = useStyles2(stylesOf);
  const compares = values.some(({ before }) => before !== undefined);
  return (
    <table className={styles.table}>
      <caption className={styles.caption}>{caption}</caption>
      <thead>
        <tr>
          <th scope="col">
            <Trans i18nKey="latency.table.quantile">Quantile</Trans>
          </th>
          <th scope="col">
            <Trans i18nKey="latency.table.value">Value</Trans>
          </th>
          <th scope="col">
            <Trans i18nKey="latency.table.between">Between</Trans>
          </th>
          <th scope="col">
            <Trans i18nKey="latency.table.target">Target</Trans>
          </th>
          <th scope="col">
            <Trans i18nKey="latency.table.verdict">Verdict</Trans>
          </th>
          {compares ? (
            <th scope="col">
              <Trans i18nKey="latency.table.before">Before</Trans>
            </th>
          ) : null}
        </tr>
      </thead>
      <tbody>
        {values.map(({ quantile, value, before }) => {
          const target = targetOf(targets, quantile);
          return (
            <tr key={quantile} data-testid={`target-row-${quantileName(quantile)}`}>
              <th scope="row">{quantileName(quantile)}</th>
              <td>{value === null ? t('latency.no-value', 'no value') : seconds(value.seconds)}</td>
              <td className={styles.bounds}>{boundsOf(value)}</td>
              <td>{target === undefined ? '' : seconds(target)}</td>
              <td>
                <VerdictWord verdict={verdictOf(value, target)} />
              </td>
              {compares ? (
                <td>
                  <Before value={value} before={before ?? null} />
                </td>
              ) : null}
            </tr>
          );
        })}
      </tbody>
    </table>
  );
};

export const boundsOf = (value: Estimate | null): string =>
  value === null || value.low === value.high ? '' : formatBounds(value.low, value.high);

type BeforeProps = { readonly value: Estimate | null; readonly before: Estimate | null };

/** An earlier value, and in a word and a symbol how this one does against it. */
export const Before = ({ value, before }: BeforeProps) => {
  const styles = useStyles2(stylesOf);
  const change = changeOf(value, before);
  if (before === null) return <span className={styles.verdict}>{t('latency.no-value', 'no value')}</span>;
  const ratio = change === undefined ? '' : times(change.ratio);
  return (
    <span
      className={cx(
        styles.verdict,
        change?.direction === 'worse' && styles.missed,
        change?.direction === 'better' && styles.met,
      )}
    >
      {seconds(before.seconds)}
      {change === undefined
        ? null
        : change.direction === 'same'
          ? ` ${t('latency.change.same', '(about the same)')}`
          : change.direction === 'worse'
            ? ` ▲ ${t('latency.change.worse', '{{ratio}}, slower', { ratio })}`
            : ` ▼ ${t('latency.change.better', '{{ratio}}, faster', { ratio })}`}
    </span>
  );
};

export const VerdictWord = ({ verdict }: { readonly verdict: Verdict }) => {
  const styles = useStyles2(stylesOf);
  switch (verdict) {
    case 'met':
      return (
        <span className={cx(styles.verdict, styles.met)}>
          <Icon name="check-circle" size="sm" /> {t('latency.verdict.met', 'met')}
        </span>
      );
    case 'missed':
      return (
        <span className={cx(styles.verdict, styles.missed)}>
          <Icon name="exclamation-triangle" size="sm" /> {t('latency.verdict.missed', 'missed')}
        </span>
      );
    case 'unsure':
      return (
        <span className={styles.verdict}>
          <Icon name="question-circle" size="sm" /> {t('latency.verdict.unsure', 'not certain')}
        </span>
      );
    case 'unknown':
      return <span className={styles.verdict}>{t('latency.verdict.unknown', 'not known')}</span>;
    case 'free':
      return <span className={styles.verdict}>{t('latency.verdict.free', 'no target')}</span>;
  }
};

const stylesOf = (theme: GrafanaTheme2) => ({
  table: css({
    ...{ width: '100%', fontSize: theme.typography.bodySmall.fontSize, fontVariantNumeric: 'tabular-nums' },
    'th, td': {
      ...{ padding: theme.spacing(0.5, 1, 0.5, 0), textAlign: 'left', whiteSpace: 'nowrap' },
      borderBottom: `1px solid ${theme.colors.border.weak}`,
    },
    'thead th': { color: theme.colors.text.secondary, fontWeight: theme.typography.fontWeightRegular },
  }),
  caption: css({ captionSide: 'top', color: theme.colors.text.secondary, padding: theme.spacing(0, 0, 0.5) }),
  bounds: css({ color: theme.colors.text.secondary }),
  verdict: css({
    display: 'inline-flex',
    alignItems: 'center',
    gap: theme.spacing(0.5),
    color: theme.colors.text.secondary,
  }),
  met: css({ color: theme.colors.success.text }),
  missed: css({ color: theme.colors.error.text }),
});
