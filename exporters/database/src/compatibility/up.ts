import { defineReport, type NamedRun } from '@submilli/core';
import { needs, peerCounter, peerGauge, PREFIX } from './peer';

/** What postgres_exporter says of its own scrapes. Its collectors are ours without the prefix. */
export const compatUp = defineReport({
  name: `${PREFIX}up`,
  source: 'the collection itself',
  needs,
  metrics: {
    up: peerGauge('pg_up', 'Whether the server answered (1) or not (0).'),
    error: peerGauge(
      'pg_exporter_last_scrape_error',
      'Whether something of the view failed (1) or not (0); /api/v1/status says what.',
    ),
    seconds: peerGauge('pg_exporter_last_scrape_duration_seconds', 'How long the collection took.'),
    scrapes: peerCounter('pg_exporter_scrapes_total', 'Collections of this target.'),
    success: peerGauge('pg_scrape_collector_success', 'Whether a collector worked (1) or not (0).', ['collector']),
    duration: peerGauge('pg_scrape_collector_duration_seconds', 'How long a collector’s last run took.', ['collector']),
  },
  publish: ({ up, seconds, scrapes, runs }, m) => {
    const ours = up ? runs.filter(({ name }) => name.startsWith(PREFIX)) : [];
    return [
      m.up({}, Number(up)),
      m.error({}, Number(!up || ours.some(({ run }) => run.state === 'failed'))),
      m.seconds({}, seconds),
      m.scrapes({}, scrapes),
      ...ours.flatMap(({ name, run }) => {
        const collector = name.slice(PREFIX.length);
        return [m.success({ collector }, successOf(run)), m.duration({ collector }, durationOf(run))];
      }),
    ];
  },
});

/** What lacks a privilege fails in the peer, too; what is of another version or role has nothing to say. */
const successOf = (run: NamedRun['run']): number | null => {
  if (run.state === 'skipped') return run.skip.reason === 'privilege' ? 0 : null;
  return run.state === 'pending' ? null : Number(run.state === 'ok');
};

const durationOf = (run: NamedRun['run']): number | null =>
  run.state === 'ok' || run.state === 'failed' ? run.durationMs / 1000 : null;
