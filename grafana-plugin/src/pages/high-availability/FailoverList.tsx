import { dateTimeFormat, type GrafanaTheme2 } from '@grafana/data';
import { css } from '@emotion/css';
import { t } from '@grafana/i18n';
import { Badge, useStyles2 } from '@grafana/ui';
import type { FailoverRecord } from '@submilli/api/failovers';
import { causeWord, exact } from './words';

/** Each change of the primary, the latest first: when, from whom to whom, how long, why, and how that is known. */
export const FailoverList = ({ failovers }: { readonly failovers: readonly FailoverRecord[] }) => {
  const styles = useStyles2(stylesOf);
  if (failovers.length === 0) return <p>{t('ha.no-failovers', 'None: the cluster is on its first timeline.')}</p>;
  return (
    <ol className={styles.list} reversed>
      {[...failovers].reverse().map((one) => (
        <li key={`${one.at ?? ''} ${one.timelineAfter ?? ''}`}>
          <strong>{one.at === null ? t('ha.when-unknown', 'at an unknown time') : dateTimeFormat(one.at)}</strong>{' '}
          {movedOf(one)} {whyOf(one)} {one.planned === true ? <Planned /> : null}
          <div className={styles.quiet}>{[tookOf(one), ...one.evidence].filter((part) => part !== '').join('; ')}</div>
        </li>
      ))}
    </ol>
  );
};

const Planned = () => <Badge color="blue" text={t('ha.planned', 'planned')} />;

const movedOf = ({ outcome, from, to, timelineBefore }: FailoverRecord): string => {
  if (outcome === 'return') return t('ha.returned', '{{to}} was away and came back:', { to: to ?? '' });
  if (from === null) {
    return t('ha.timeline-began', 'timeline {{timeline}} ended:', { timeline: timelineBefore ?? '' });
  }
  return t('ha.moved', 'from {{from}} to {{to}}:', { from, to: to ?? '' });
};

const whyOf = ({ cause, sure, reason }: FailoverRecord): string => {
  if (cause === null) return reason ?? '';
  return sure === 'high'
    ? causeWord(cause)
    : t('ha.not-sure', '{{cause}} (as far as can be told)', { cause: causeWord(cause) });
};

const tookOf = ({ seconds, low, high, cause }: FailoverRecord): string => {
  if (seconds === null || low === null || high === null) {
    return cause === null ? t('ha.not-watched', 'nobody watched it') : t('ha.not-timed', 'not timed');
  }
  return t('ha.took', 'nothing could be written for {{seconds}} (± {{error}})', {
    seconds: exact(seconds),
    error: exact((high - low) / 2),
  });
};

const stylesOf = (theme: GrafanaTheme2) => ({
  list: css({ paddingLeft: theme.spacing(4), display: 'grid', gap: theme.spacing(1), overflowWrap: 'anywhere' }),
  quiet: css({ color: theme.colors.text.secondary, fontSize: theme.typography.bodySmall.fontSize }),
});
