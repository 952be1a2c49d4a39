import { dateTimeFormat, type GrafanaTheme2 } from '@grafana/data';
import { css } from '@emotion/css';
import { t, Trans } from '@grafana/i18n';
import { Alert, LinkButton, useStyles2 } from '@grafana/ui';
import type { ReactNode } from 'react';
import type { Answer } from '../api/use-exporters';
import type { ExporterProblem } from '../api/problem';
import { PLUGIN_ID } from '../constants';

/** Grey bars where text will be. */
export const Loading = ({ lines = 4 }: { readonly lines?: number }) => {
  const styles = useStyles2(skeletonStyles);
  return (
    <div role="status" aria-busy="true" aria-label={t('states.loading', 'Loading')} className={styles.box}>
      {Array.from({ length: lines }, (_, i) => (
        <div key={i} className={styles.line} style={{ width: `${90 - i * 12}%` }} />
      ))}
    </div>
  );
};

type EmptyProps = { readonly title: string; readonly children?: ReactNode };

/** There is nothing, and that is no error: what would have to be there, and how to get it. */
export const Empty = ({ title, children }: EmptyProps) => {
  const styles = useStyles2(emptyStyles);
  return (
    <div className={styles.box} data-testid="empty">
      <p className={styles.title}>{title}</p>
      {children === undefined ? null : <div className={styles.hint}>{children}</div>}
    </div>
  );
};

type FailedProps = { readonly title: string; readonly detail: string; readonly again?: () => void };

export const Failed = ({ title, detail, again }: FailedProps) => (
  <Alert
    severity="error"
    title={title}
    {...(again === undefined ? {} : { onRemove: again, buttonContent: t('states.retry', 'Try again') })}
  >
    {detail}
  </Alert>
);

const remedyOf = ({ kind }: ExporterProblem): string => {
  switch (kind) {
    case 'not-configured':
      return t('states.remedy.not-configured', 'An administrator sets its address in the app’s configuration.');
    case 'down':
      return t('states.remedy.down', 'Is it running, and can Grafana’s server reach it? What follows does without it.');
    case 'refused':
      return t(
        'states.remedy.refused',
        'It wants a user and a password: an administrator sets them in the configuration.',
      );
    case 'no-permission':
      return t('states.remedy.no-permission', 'Your role does not allow this.');
    case 'not-found':
      return t(
        'states.remedy.not-found',
        'The exporter may be of an older version, or another program is at its address.',
      );
    case 'unexpected':
      return t('states.remedy.unexpected', 'Exporters and app should be of the same version.');
    case 'cancelled':
      return '';
  }
};

type TroubleProps = { readonly answer: Answer<unknown>; readonly problem: ExporterProblem };

/** One exporter has nothing to say; the rest of the page stands without it, and with what it said before. */
const ExporterTrouble = ({ answer: { exporter, at, again }, problem }: TroubleProps) => (
  <Alert
    severity="warning"
    data-testid={`trouble-${exporter}`}
    title={t('states.exporter', 'The {{exporter}} exporter gives no answer', { exporter })}
    onRemove={again}
    buttonContent={t('states.retry', 'Try again')}
  >
    {problem.detail}. {remedyOf(problem)}{' '}
    {at === 0
      ? null
      : t('states.stale', 'What is shown of it is what it said at {{time}}.', {
          time: dateTimeFormat(at, { format: 'HH:mm:ss' }),
        })}
  </Alert>
);

type TroublesProps = {
  readonly answers: readonly Answer<unknown>[];
  /** Without them there is nothing to see: that one has no address is said, too. */
  readonly needed?: boolean;
};

/** What there is to say about answers that failed, once for each exporter. */
export const Troubles = ({ answers, needed = false }: TroublesProps) => {
  const worth = answers.flatMap((answer) => {
    const { problem } = answer;
    const isSilent = problem?.kind === 'cancelled' || (problem?.kind === 'not-configured' && !needed);
    return problem === undefined || isSilent ? [] : [{ answer, problem }];
  });
  const first = worth.filter(
    ({ problem }, i) => worth.findIndex((one) => one.problem.exporter === problem.exporter) === i,
  );
  return (
    <>
      {first.map((one) => (
        <ExporterTrouble key={one.problem.exporter} {...one} />
      ))}
    </>
  );
};

/** Whether nothing may be concluded from there being nothing: somebody could not be asked. */
export const isAnyTrouble = (answers: readonly Answer<unknown>[]): boolean =>
  answers.some(({ problem }) => problem !== undefined);

export const NoDataSource = () => (
  <Empty title={t('states.no-source.title', 'No Prometheus data source is chosen yet')}>
    <p>
      <Trans i18nKey="states.no-source.hint">
        An administrator chooses the one that scrapes the exporters, and tells where the exporters are.
      </Trans>
    </p>
    <LinkButton href={`/plugins/${PLUGIN_ID}`} icon="cog">
      <Trans i18nKey="states.no-source.button">Configuration</Trans>
    </LinkButton>
  </Empty>
);

const skeletonStyles = (theme: GrafanaTheme2) => ({
  box: css({ display: 'grid', gap: theme.spacing(1.5), padding: theme.spacing(2) }),
  line: css({
    height: theme.spacing(2),
    borderRadius: theme.shape.radius.default,
    background: theme.colors.background.secondary,
  }),
});

const emptyStyles = (theme: GrafanaTheme2) => ({
  box: css({ padding: theme.spacing(4), textAlign: 'center', color: theme.colors.text.secondary }),
  title: css({ fontSize: theme.typography.h5.fontSize, color: theme.colors.text.primary, margin: 0 }),
  hint: css({ maxWidth: '60ch', overflowWrap: 'anywhere', margin: `${theme.spacing(1)} auto 0` }),
});
