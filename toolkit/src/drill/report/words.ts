import type { DrillReport } from '@submilli/core';
import type { Spread } from '../verdict/summary';

const DASH = '–';

export const secondsText = (seconds: number | null): string => (seconds === null ? DASH : seconds.toFixed(2));

/** "1.42 (1.38–1.60)": median, least, most. Of one run just its value. */
export const spreadText = (spread: Spread | null): string => {
  if (spread === null) return DASH;
  const { min, median, max, runs } = spread;
  return runs === 1 ? secondsText(median) : `${secondsText(median)} (${secondsText(min)}–${secondsText(max)})`;
};

/** Versions and timers, as every figure is told with. */
export const conditions = ({ software, configuration }: Pick<DrillReport, 'software' | 'configuration'>): string => {
  const { ttl, loopWait, retryTimeout, primaryStartTimeout, synchronousMode, synchronousModeStrict } = configuration;
  const versions = [
    ...(software.patroni === null ? [] : [`Patroni ${software.patroni}`]),
    ...(software.postgresql === null ? [] : [`PostgreSQL ${software.postgresql}`]),
    ...(software.pgbouncer === null ? [] : [`PgBouncer ${software.pgbouncer}`]),
    ...(software.etcd === null ? [] : [`etcd ${software.etcd} (${configuration.etcdMembers})`]),
  ];
  const settings = [
    `ttl ${ttl}`,
    `loop_wait ${loopWait}`,
    `retry_timeout ${retryTimeout}`,
    `primary_start_timeout ${primaryStartTimeout}`,
    `synchronous_mode ${synchronousMode ? 'on' : 'off'}${synchronousModeStrict ? ', strict' : ''}`,
    `failsafe_mode ${configuration.failsafeMode ? 'on' : 'off'}`,
    ...(configuration.fence === null ? [] : [configuration.fence]),
  ];
  return `${versions.join(', ')}; ${settings.join(', ')}`;
};
