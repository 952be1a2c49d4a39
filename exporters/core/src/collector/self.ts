import { counter, gauge } from '../metrics/declare';

/** What every exporter says about itself and about what watching costs. */
export const selfMetrics = {
  up: gauge('db_exporter_up', 'Whether the target answered during this scrape (1) or not (0).'),
  targets: gauge('db_exporter_targets', 'Targets that the configuration gives this exporter.'),
  buildInfo: gauge(
    'db_exporter_build_info',
    'Always 1; which exporter answers (database, pool, query or ha), and the versions of Submilli and of Node.js.',
    ['exporter', 'version', 'node'],
  ),
  scrapes: counter('db_exporter_scrapes_total', 'Collections of this target, whoever asked.'),
  scrapeSeconds: gauge('db_exporter_scrape_duration_seconds', 'How long this collection took.'),
  success: gauge(
    'db_exporter_collector_success',
    'Whether the collector worked at its last run (1) or failed (0; the reason is in /api/v1/status).',
    ['collector'],
  ),
  skipped: gauge(
    'db_exporter_collector_skipped',
    'Always 1: this collector does not run on this target, and why (remedy in /api/v1/status).',
    ['collector', 'reason'],
  ),
  duration: gauge('db_exporter_collector_duration_seconds', 'How long the collector’s last run took.', ['collector']),
  age: gauge('db_exporter_collector_age_seconds', 'Seconds since the shown values of the collector were read.', [
    'collector',
  ]),
  surveyed: gauge(
    'db_exporter_survey_databases',
    'Databases by how the survey fared there in its last round: read, skipped or failed (which, in /api/v1/status).',
    ['collector', 'outcome'],
  ),
  errors: counter('db_exporter_collector_errors_total', 'Failed runs by kind of failure.', ['collector', 'kind']),
  databaseSeconds: counter(
    'db_exporter_database_seconds_total',
    'Time spent waiting for the target’s answers: what watching costs, network included.',
    ['collector'],
  ),
  connections: gauge('db_exporter_connections', 'Connections this exporter holds open to the target.'),
  connects: counter('db_exporter_connects_total', 'Connections opened to the target; a rising rate means they break.'),
  series: gauge('db_exporter_series', 'Series in this answer, self-metrics left out.'),
  dropped: counter('db_exporter_series_dropped_total', 'Series left out: duplicate, not finite, or over the cap.', [
    'family',
    'reason',
  ]),
  window: gauge(
    'db_exporter_window_seconds',
    'Seconds that windowed values of this sampler now cover; grows to window_seconds after a (re)connection.',
    ['collector'],
  ),
  reloadOk: gauge('db_exporter_config_last_reload_successful', 'Whether the last reload was taken (1) or refused (0).'),
  reloadAt: gauge(
    'db_exporter_config_last_reload_success_timestamp_seconds',
    'When the running configuration was read.',
  ),
} as const;
