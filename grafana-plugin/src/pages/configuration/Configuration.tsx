import type { AppPluginMeta, GrafanaTheme2, PluginConfigPageProps } from '@grafana/data';
import { css } from '@emotion/css';
import { t, Trans } from '@grafana/i18n';
import { DataSourcePicker, getBackendSrv, locationService } from '@grafana/runtime';
import { Alert, Button, Field, FieldSet, Input, SecretInput, useStyles2 } from '@grafana/ui';
import { useState } from 'react';
import { lastValueFrom } from 'rxjs';
import { latencyTargets, formatTargets, parseTargets } from '../../domain/latency/targets';
import { type ExporterName, exporters, secretKey, type Settings, urlKey } from '../../settings';
import { problemWithUrl } from './address';
import { Tests } from './Tests';

const PORTS: Readonly<Record<ExporterName, number>> = { database: 9091, pool: 9092, query: 9093, ha: 9094 };

const exampleOf = (exporter: ExporterName): string => `http://exporter:${PORTS[exporter]}`;

type Props = PluginConfigPageProps<AppPluginMeta<Settings>>;
type Secrets = Readonly<Partial<Record<string, string>>>;

/** Where the data is: for administrators. Saving reloads the page, as Grafana's own settings do. */
export const Configuration = ({ plugin: { meta } }: Props) => {
  const styles = useStyles2(stylesOf);
  const [settings, setSettings] = useState<Settings>(meta.jsonData ?? {});
  const [secrets, setSecrets] = useState<Secrets>({});
  const [problem, setProblem] = useState<string>();
  const [saving, setSaving] = useState(false);
  const isSet = (exporter: ExporterName): boolean =>
    secrets[secretKey(exporter)] === undefined && meta.secureJsonFields?.[secretKey(exporter)] === true;
  const { wrong: wrongTargets } = parseTargets(settings.targets ?? '');
  const wrong =
    wrongTargets.length > 0 ||
    exporters.some((exporter) => problemWithUrl(settings[urlKey(exporter)] ?? '') !== undefined);

  const save = async (): Promise<void> => {
    setSaving(true);
    setProblem(undefined);
    try {
      const { enabled, pinned } = meta;
      const data = { enabled, pinned, jsonData: settings, secureJsonData: secrets };
      const url = `/api/plugins/${meta.id}/settings`;
      await lastValueFrom(getBackendSrv().fetch({ url, method: 'POST', data, showErrorAlert: false }));
      locationService.reload();
    } catch (error) {
      setProblem(String((error as { data?: { message?: string } }).data?.message ?? error));
      setSaving(false);
    }
  };

  return (
    <div className={styles.page} data-testid="configuration">
      <FieldSet label={t('configuration.prometheus', 'Prometheus')}>
        <Field
          label={t('configuration.source', 'Data source')}
          description={t('configuration.source-hint', 'The one that scrapes the four exporters.')}
          noMargin
        >
          <DataSourcePicker
            type="prometheus"
            noDefault
            current={settings.prometheusUid ?? null}
            onChange={({ uid }) => setSettings({ ...settings, prometheusUid: uid })}
          />
        </Field>
      </FieldSet>
      <FieldSet label={t('configuration.exporters', 'Exporters')}>
        <p>
          <Trans i18nKey="configuration.exporters-hint">
            Advice, scores, statements and topology come from the exporters themselves, through Grafana’s server:
            addresses as it sees them. Browsers never talk to exporters, and never see what is sent to them.
          </Trans>
        </p>
        {exporters.map((exporter) => {
          const trouble = problemWithUrl(settings[urlKey(exporter)] ?? '');
          return (
            <div key={exporter} className={styles.exporter}>
              <Field
                label={t('configuration.address', 'Address of the {{exporter}} exporter', { exporter })}
                invalid={trouble !== undefined}
                error={trouble}
                noMargin
              >
                <Input
                  id={urlKey(exporter)}
                  value={settings[urlKey(exporter)] ?? ''}
                  placeholder={exampleOf(exporter)}
                  onChange={({ currentTarget }) =>
                    setSettings({ ...settings, [urlKey(exporter)]: currentTarget.value })
                  }
                />
              </Field>
              <Field
                label={t('configuration.authorization', 'Its Authorization header')}
                description={t(
                  'configuration.authorization-hint',
                  'Only if it asks for one, as “Basic …”. Kept encrypted.',
                )}
                noMargin
              >
                <SecretInput
                  id={secretKey(exporter)}
                  isConfigured={isSet(exporter)}
                  value={secrets[secretKey(exporter)] ?? ''}
                  onChange={({ currentTarget }) =>
                    setSecrets({ ...secrets, [secretKey(exporter)]: currentTarget.value })
                  }
                  onReset={() => setSecrets({ ...secrets, [secretKey(exporter)]: '' })}
                />
              </Field>
            </div>
          );
        })}
      </FieldSet>
      <FieldSet label={t('configuration.latency', 'Latency')}>
        <Field
          label={t('configuration.targets', 'Targets')}
          description={t('configuration.targets-hint', 'With units, as P99: 2.5 ms. Empty: {{usual}}', {
            usual: formatTargets(latencyTargets),
          })}
          invalid={wrongTargets.length > 0}
          error={t('configuration.targets-wrong', 'Not a target: {{wrong}}', { wrong: wrongTargets.join(', ') })}
          noMargin
        >
          <Input
            id="targets"
            value={settings.targets ?? ''}
            onChange={({ currentTarget }) => setSettings({ ...settings, targets: currentTarget.value })}
          />
        </Field>
      </FieldSet>
      {problem === undefined ? null : (
        <Alert severity="error" title={t('configuration.not-saved', 'Not saved')}>
          {problem}
        </Alert>
      )}
      <div className={styles.buttons}>
        <Button onClick={() => void save()} disabled={saving || wrong}>
          <Trans i18nKey="configuration.save">Save</Trans>
        </Button>
      </div>
      <Tests
        settings={meta.jsonData ?? {}}
        unsaved={settings !== meta.jsonData && JSON.stringify(settings) !== JSON.stringify(meta.jsonData ?? {})}
      />
    </div>
  );
};

const stylesOf = (theme: GrafanaTheme2) => ({
  page: css({ maxWidth: theme.spacing(100), display: 'grid', gap: theme.spacing(2) }),
  exporter: css({
    display: 'grid',
    gap: theme.spacing(2),
    gridTemplateColumns: '1fr 1fr',
    marginBottom: theme.spacing(2),
    [theme.breakpoints.down('md')]: { gridTemplateColumns: '1fr' },
  }),
  buttons: css({ display: 'flex', gap: theme.spacing(1) }),
});
