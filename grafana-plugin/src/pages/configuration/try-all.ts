import { t } from '@grafana/i18n';
import { statusAnswer } from '@submilli/api/status';
import { readResource } from '../../api/client';
import { latestOf, queryPrometheus } from '../../prometheus/query';
import { configuration } from '../../prometheus/questions';
import { type ExporterName, exporters, type Settings, urlKey } from '../../settings';

export type Outcome = { readonly what: string; readonly ok: boolean; readonly said: string };

/** Asks Prometheus and each exporter once, by the saved settings. */
export const tryAll = (settings: Settings): Promise<readonly Outcome[]> =>
  Promise.all([tryPrometheus(settings.prometheusUid ?? ''), ...exporters.map((name) => tryExporter(name, settings))]);

const tryPrometheus = async (uid: string): Promise<Outcome> => {
  const what = 'Prometheus';
  if (uid === '') return { what, ok: false, said: t('configuration.test.no-source', 'no data source is chosen') };
  try {
    const now = Date.now();
    const frames = await queryPrometheus(uid, configuration, { from: now - 300_000, to: now });
    const found = latestOf(frames.get('up') ?? []);
    const up = found.filter(({ value }) => value === 1).length;
    if (found.length === 0) {
      return {
        what,
        ok: false,
        said: t(
          'configuration.test.nothing',
          'it answers, but has no db_exporter_up: it does not scrape the exporters',
        ),
      };
    }
    return {
      what,
      ok: true,
      said: t('configuration.test.targets', '{{up}} of {{all}} targets are up', { up, all: found.length }),
    };
  } catch (error) {
    return { what, ok: false, said: messageOf(error) };
  }
};

const tryExporter = async (exporter: ExporterName, settings: Settings): Promise<Outcome> => {
  const what = exporter;
  if ((settings[urlKey(exporter)] ?? '') === '') {
    return { what, ok: false, said: t('configuration.test.no-address', 'no address; what it would tell is left out') };
  }
  try {
    const status = await readResource(exporter, 'status', statusAnswer);
    if (status.exporter !== exporter) {
      const is = status.exporter;
      return { what, ok: false, said: t('configuration.test.other', 'this is the {{is}} exporter', { is }) };
    }
    const { version, targets } = status;
    const down = targets.filter(({ up }) => !up).map(({ name }) => name);
    const said =
      down.length === 0
        ? t('configuration.test.ok', 'version {{version}}, {{all}} targets, all up', { version, all: targets.length })
        : t('configuration.test.down', 'version {{version}}, {{all}} targets, down: {{down}}', {
            ...{ version, all: targets.length, down: down.join(', ') },
          });
    return { what, ok: true, said };
  } catch (error) {
    return { what, ok: false, said: messageOf(error) };
  }
};

const messageOf = (error: unknown): string => {
  if (error instanceof Error) return error.message;
  const { data, statusText } = error as { readonly data?: { readonly message?: string }; readonly statusText?: string };
  return data?.message ?? statusText ?? String(error);
};
