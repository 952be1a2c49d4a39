import type { GrafanaTheme2 } from '@grafana/data';
import { css } from '@emotion/css';
import { t, Trans } from '@grafana/i18n';
import { Alert, Badge, Button, LinkButton, Tooltip, useStyles2 } from '@grafana/ui';
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

/** One exporter has nothing to say; the rest of the page stands without it. */
export const ExporterTrouble = ({
  problem,
  again,
}: {
  readonly problem: ExporterProblem;
  readonly again: () => void;
}) => (
  <Alert
    severity="warning"
    data-testid={`trouble-${problem.exporter}`}
    title={t('states.exporter', 'The {{exporter}} exporter gives no answer', { exporter: problem.exporter })}
    onRemove={again}
    buttonContent={t('states.retry', 'Try again')}
  >
    {problem.detail}. {remedyOf(problem)}
  </Alert>
);

/** What there is to say about answers: those that failed, without those that nobody asked for. */
export const Troubles = ({ answers }: { readonly answers: readonly Answer<unknown>[] }) => (
  <>
    {answers.map(({ exporter, problem, again }) =>
      problem === undefined || problem.kind === 'cancelled' || problem.kind === 'not-configured' ? null : (
        <ExporterTrouble key={exporter} problem={problem} again={again} />
      ),
    )}
  </>
);

/** Said beside what was read a while ago and could not be read again. */
export const Stale = ({ answer: { at, problem } }: { readonly answer: Answer<unknown> }) => {
  if (problem === undefined || at === 0) return null;
  const time = new Date(at).toLocaleTimeString();
  return (
    <Tooltip content={problem.message}>
      <span>
        <Badge color="orange" icon="clock-nine" text={t('states.stale', 'as of {{time}}', { time })} />
      </span>
    </Tooltip>
  );
};

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

export const Retry = ({ again }: { readonly again: () => void }) => (
  <Button variant="secondary" icon="sync" onClick={again}>
    <Trans i18nKey="states.retry">Try again</Trans>
  </Button>
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
