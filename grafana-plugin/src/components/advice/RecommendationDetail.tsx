import { dateTimeFormat, type GrafanaTheme2 } from '@grafana/data';
import { css } from '@emotion/css';
import { t, Trans } from '@grafana/i18n';
import { Alert, Badge, useStyles2 } from '@grafana/ui';
import type { Evidence } from '@submilli/api/recommendations';
import type { ReactNode } from 'react';
import type { Advice } from '../../domain/advice';
import { Copyable } from '../Copyable';
import { Facts } from '../Facts';
import { severityColor, severityIcon, severityWord, stateWord } from './words';

type Props = { readonly advice: Advice; readonly actions?: ReactNode };

/** All that is known of a recommendation: why, on what evidence, what to do, what that changes, and how it can be undone. */
export const RecommendationDetail = ({ advice, actions }: Props) => {
  const styles = useStyles2(stylesOf);
  const { action, impact } = advice;
  return (
    <article className={styles.page} aria-labelledby="advice-title">
      <header>
        <h2 id="advice-title">{advice.title}</h2>
        <div className={styles.badges}>
          <Badge
            color={severityColor[advice.severity]}
            icon={severityIcon[advice.severity]}
            text={severityWord(advice.severity)}
          />
          <Badge color="darkgrey" text={stateWord(advice.state)} />
          <span className={styles.quiet}>
            {advice.target} · {advice.rule}
          </span>
        </div>
        <p className={styles.why}>{advice.why}</p>
        {actions}
      </header>
      {advice.note === null ? null : (
        <Alert
          severity="info"
          title={t('advice.note', '{{state}} by {{by}}', { state: stateWord(advice.note.state), by: advice.note.by })}
        >
          {advice.note.why}{' '}
          {advice.note.until === null ? null : (
            <Trans i18nKey="advice.until" values={{ until: dateTimeFormat(advice.note.until) }}>
              Until {'{{until}}'}.
            </Trans>
          )}
        </Alert>
      )}
      <section aria-labelledby="advice-action">
        <h3 id="advice-action">
          <Trans i18nKey="advice.action">What to do</Trans>
        </h3>
        <Copyable text={action.text} label={t('advice.action-label', 'The {{kind}} to apply', { kind: action.kind })} />
        <Facts
          facts={[
            [t('advice.lock', 'Lock it takes'), action.lock ?? t('advice.no-lock', 'none')],
            [
              t('advice.restart', 'Restart'),
              action.needsRestart ? t('advice.restart-yes', 'needed') : t('advice.restart-no', 'not needed'),
            ],
            [
              t('advice.undo', 'Undo'),
              action.reversible ? t('advice.undo-yes', 'it can be undone') : t('advice.undo-no', 'it cannot be undone'),
            ],
          ]}
        />
        <p className={styles.quiet}>
          <Trans i18nKey="advice.never-run">
            Nothing is run from here: copy it, read it, and run it where you run such things.
          </Trans>
        </p>
      </section>
      <section aria-labelledby="advice-impact">
        <h3 id="advice-impact">
          <Trans i18nKey="advice.impact">What it changes</Trans>
        </h3>
        <Facts
          facts={[
            [t('advice.impact-what', 'Measure'), impact.what],
            [t('advice.before', 'Before'), impact.before ?? t('advice.unknown', 'not known')],
            [t('advice.after', 'After'), impact.after ?? t('advice.unknown', 'not known')],
            [t('advice.confidence', 'Confidence'), impact.confidence],
            [t('advice.measured', 'How that is known'), impact.measured],
          ]}
        />
      </section>
      <section aria-labelledby="advice-evidence">
        <h3 id="advice-evidence">
          <Trans i18nKey="advice.evidence">Evidence</Trans>
        </h3>
        <Facts facts={advice.evidence.map((one) => [one.label, valueOf(one)] as const)} />
      </section>
      <section aria-labelledby="advice-history">
        <h3 id="advice-history">
          <Trans i18nKey="advice.history">History</Trans>
        </h3>
        <ol className={styles.history}>
          {advice.history.map(({ at, state, by, why }) => (
            <li key={`${at} ${state}`}>
              {dateTimeFormat(at)}: <strong>{stateWord(state)}</strong>
              {by === null ? null : ` ${t('advice.by', 'by {{by}}', { by })}`}
              {why === null ? null : ` – ${why}`}
            </li>
          ))}
        </ol>
        <Facts
          facts={[
            [t('advice.first-seen', 'First seen'), dateTimeFormat(advice.firstSeen)],
            [t('advice.last-seen', 'Last seen'), dateTimeFormat(advice.lastSeen)],
          ]}
        />
      </section>
    </article>
  );
};

const valueOf = ({ value, unit }: Evidence): string => `${value}${unit === '' ? '' : ` ${unit}`}`;

const stylesOf = (theme: GrafanaTheme2) => ({
  page: css({ display: 'grid', gap: theme.spacing(3), maxWidth: '120ch' }),
  badges: css({ display: 'flex', flexWrap: 'wrap', gap: theme.spacing(1), alignItems: 'center' }),
  quiet: css({ color: theme.colors.text.secondary }),
  why: css({ margin: `${theme.spacing(1)} 0` }),
  history: css({ paddingLeft: theme.spacing(3) }),
});
