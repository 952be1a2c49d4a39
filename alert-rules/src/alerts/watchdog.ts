import type { Alert } from '../define';

/** Fires always. Whoever gets it knows when it stops that Prometheus, Alertmanager or the way between is broken. */
export const watchdog: Alert = {
  name: 'Watchdog',
  component: 'exporter',
  by: [],
  dashboard: 'fleet-overview',
  summary: 'Alerting works',
  levels: [
    {
      severity: 'info',
      for: '0m',
      expr: 'vector(1)',
      description:
        'This alert always fires. Send it to a dead man’s switch, which raises the alarm when it no longer comes.',
    },
  ],
  proofs: [],
};
