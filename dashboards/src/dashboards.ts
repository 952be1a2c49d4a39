import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { connectionPool } from './connection-pool';
import { databasePerformance } from './database-performance';
import { fleetOverview } from './fleet-overview';
import { highAvailability } from './high-availability';
import { queryPerformance } from './query-performance';

export const dashboards: readonly Dashboard[] = [
  fleetOverview,
  databasePerformance,
  queryPerformance,
  connectionPool,
  highAvailability,
];

/** As it is committed, and as Grafana's provisioning reads it. */
export const textOf = (dashboard: Dashboard): string => `${JSON.stringify(dashboard, null, 2)}\n`;
