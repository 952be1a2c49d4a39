import type { GrafanaTheme2, PanelProps } from '@grafana/data';
import { css } from '@emotion/css';
import { t, Trans } from '@grafana/i18n';
import { TextLink, useStyles2 } from '@grafana/ui';
import { QueryClientProvider } from '@tanstack/react-query';
import { createQueryClient } from '../../api/use-exporters';
import { SettingsProvider } from '../../app/settings-context';
import { RecommendationList } from '../../components/advice/RecommendationList';
import { severityWord } from '../../components/advice/words';
import { Empty, Failed, Loading, Troubles } from '../../components/states';
import { PLUGIN_ID, ROOT } from '../../constants';
import { type Advice, type Counts, severities } from '../../domain/advice';
import { useAdvice } from '../../pages/advice/use-advice';
import { configured, type ExporterName } from '../../settings';
import { chosen, countsIn, filledTarget } from './choose';
import type { RecommendationsOptions } from './options';
import { type AppSettings, useAppSettings } from './use-app-settings';

/** A panel with answers of its own; all panels of a dashboard share one, and so ask once. */
export const createPanel = () => {
  const client = createQueryClient();
  const Panel = (props: PanelProps<RecommendationsOptions>) => (
    <QueryClientProvider client={client}>
      <Scrolling {...props} />
    </QueryClientProvider>
  );
  return Panel;
};

export const RecommendationsPanel = createPanel();

const Scrolling = (props: PanelProps<RecommendationsOptions>) => {
  const styles = useStyles2(stylesOf);
  const { width, height } = props;
  return (
    <div
      className={styles.scroll}
      style={{ width, height }}
      tabIndex={0}
      role="region"
      aria-label={t('panel.advice.label', 'Recommendations')}
    >
      <WithSettings {...props} />
    </div>
  );
};

const WithSettings = (props: PanelProps<RecommendationsOptions>) => {
  const app = useAppSettings();
  const counts = countsIn(props.data.series);
  if (app.problem !== undefined) {
    return (
      <>
        <NoApp {...app} />
        <CountsByPrometheus counts={counts} />
      </>
    );
  }
  if (app.settings === undefined) return <Loading />;
  if (configured(app.settings).length === 0) {
    return (
      <>
        <Empty title={t('panel.advice.not-configured', 'No exporter has an address yet')}>
          <TextLink href={`/plugins/${PLUGIN_ID}`}>
            {t('panel.advice.configure', 'An administrator sets them in the app’s configuration')}
          </TextLink>
        </Empty>
        <CountsByPrometheus counts={counts} />
      </>
    );
  }
  return (
    <SettingsProvider value={app.settings}>
      <List {...props} counts={counts} />
    </SettingsProvider>
  );
};

const NoApp = ({ problem, detail, again }: AppSettings) => {
  switch (problem) {
    case 'forbidden':
      return (
        <Failed
          title={t('panel.advice.forbidden', 'You may not use the Submilli app')}
          detail={t(
            'panel.advice.forbidden-hint',
            'Recommendations come through it. An administrator can give you access.',
          )}
        />
      );
    case 'missing':
    case 'disabled':
      return (
        <Empty title={t('panel.advice.no-app', 'The Submilli app is not enabled')}>
          <Trans i18nKey="panel.advice.no-app-hint">
            Recommendations come through it. An administrator enables it.
          </Trans>
        </Empty>
      );
    default:
      return <Failed title={t('panel.advice.failed', 'The app’s settings can’t be read')} {...{ detail, again }} />;
  }
};

const linkOf = ({ exporter, id }: Advice): string => `${ROOT}/advice/${exporter}/${encodeURIComponent(id)}`;

type ListProps = PanelProps<RecommendationsOptions> & { readonly counts: Counts | null };

const List = ({ options, replaceVariables, counts }: ListProps) => {
  const styles = useStyles2(stylesOf);
  const { answers: all, now, earlier, loading } = useAdvice();
  const answers = all.filter(({ exporter }) => isAsked(exporter, options));
  const found = chosen(options.state === 'all' ? [...now, ...earlier] : now, {
    ...options,
    target: filledTarget(options.target, replaceVariables),
  });
  const shown = options.most > 0 ? found.slice(0, options.most) : found;
  const isSilent =
    answers.length > 0 && answers.every(({ data, problem }) => data === undefined && problem !== undefined);
  if (loading && found.length === 0) return <Loading />;
  return (
    <>
      <Troubles answers={answers} />
      {isSilent ? <CountsByPrometheus counts={counts} /> : null}
      {found.length === 0 && !isSilent ? (
        <Empty title={t('panel.advice.none', 'No recommendation')}>
          <NotEvaluated count={answers.reduce((sum, { data }) => sum + (data?.notEvaluated.length ?? 0), 0)} />
        </Empty>
      ) : null}
      <RecommendationList
        groups={shown.length === 0 ? [] : [{ name: '', advice: shown }]}
        {...{ linkOf }}
        dense={options.dense}
      />
      {shown.length < found.length ? (
        <p className={styles.more}>
          <TextLink href={`${ROOT}/advice`}>
            {t('panel.advice.more', 'and {{more}} more', { more: found.length - shown.length })}
          </TextLink>
        </p>
      ) : null}
    </>
  );
};

const isAsked = (exporter: ExporterName, { exporters }: RecommendationsOptions): boolean =>
  exporters.length === 0 || exporters.includes(exporter);

/** Nothing found is good news only as far as somebody could look. */
const NotEvaluated = ({ count }: { readonly count: number }) =>
  count === 0
    ? t('panel.advice.all-evaluated', 'All rules could be evaluated.')
    : t('panel.advice.not-evaluated', '{{rules}} rules could not be evaluated, for want of what they need.', {
        rules: count,
      });

/** What Prometheus still knows when the exporters can't be asked. */
const CountsByPrometheus = ({ counts }: { readonly counts: Counts | null }) => {
  const styles = useStyles2(stylesOf);
  if (counts === null) return null;
  return (
    <p className={styles.more} data-testid="counts">
      {t('panel.advice.counts', 'By Prometheus there are:')}{' '}
      {severities.map((severity) => `${severityWord(severity)} ${counts[severity]}`).join(', ')}
    </p>
  );
};

const stylesOf = (theme: GrafanaTheme2) => ({
  scroll: css({ overflow: 'auto' }),
  more: css({ margin: theme.spacing(1, 0), color: theme.colors.text.secondary }),
});
