import { alertThresholds } from '@submilli/catalogue';
import type { Labels, Series } from '../../prometheus/answer';
import { windowsOf } from '../../prometheus/span';
import { type Asking, select } from '../asking';
import { capacityOf, type Growing } from '../capacity/trend';
import type { CapacityItem } from '../model';
import { placeText } from '../words';

const DAY = 86_400;
/** Trends are of the last four weeks, whatever the report's period. */
const DAYS = 28;
const SHOWN = 25;
const NO_DISK = 'fstype!~"tmpfs|ramfs|overlay|squashfs|iso9660|nsfs|rpc_pipefs"';

const place = ({ cluster = '', database = '' }: Labels): string => placeText({ cluster, database });

/**
 * What grows towards a limit: disks (where node_exporter is scraped, or a size is given), connections, transaction and
 * multixact ids, sequences. The soonest to be full first.
 */
export const capacitiesOf = async (asking: Asking, diskBytes: number | undefined): Promise<readonly CapacityItem[]> => {
  const { prometheus, period } = asking;
  const daily = (expr: string): Promise<readonly Series[]> =>
    prometheus.over(expr, windowsOf(period.to - DAYS * DAY, period.to, DAY));
  const last = (metric: string, matchers = ''): string => `last_over_time(${select(asking, metric, matchers)}[1d])`;
  const peak = (metric: string): string => `max_over_time(${select(asking, metric)}[1d])`;
  const BY = 'cluster, database';

  const sizes = await daily(`max by (${BY}) (${last('db_size_bytes')})`);
  const wal = await daily(`max by (cluster) (${last('db_wal_directory_bytes')})`);
  const connections = await daily(`max by (${BY}) (${peak('db_connection_utilization_ratio')})`);
  const xids = await daily(`max by (cluster) (${peak('db_transaction_id_used_ratio')})`);
  const multixacts = await daily(`max by (cluster) (${peak('db_multixact_id_used_ratio')})`);
  const sequences = await daily(`max by (${BY}, schema, sequence) (${last('db_sequence_used_ratio')}) > 0.01`);
  const used = await daily(
    `max by (cluster, instance, mountpoint) (${last('node_filesystem_size_bytes', NO_DISK)} - ${last('node_filesystem_avail_bytes', NO_DISK)})`,
  );
  const disks = await daily(`max by (cluster, instance, mountpoint) (${last('node_filesystem_size_bytes', NO_DISK)})`);

  const of = (all: readonly Series[], rest: (labels: Labels) => Omit<Growing, 'points'>): Growing[] =>
    all.map(({ labels, points }) => ({ ...rest(labels), points }));
  const critical = alertThresholds.wraparoundCriticalPercent / 100;
  const growing: Growing[] = [
    ...of(used, ({ instance = '', mountpoint = '', cluster = '' }) => ({
      ...{ what: `disk ${mountpoint}`, where: instance, unit: 'bytes', worrying: 0.9 },
      limit: latestOf(disks.find((one) => sameDisk(one.labels, { instance, mountpoint, cluster }))),
    })),
    ...(diskBytes === undefined
      ? []
      : together(sizes, wal).map((one): Growing => ({ ...one, limit: diskBytes, worrying: 0.9 }))),
    ...of(sizes, (labels) => ({ what: 'size of the database', where: place(labels), unit: 'bytes', limit: null })),
    ...of(connections, (labels) => ({
      ...{ what: 'connections, daily peak', where: place(labels), unit: 'ratio', limit: 1 },
      worrying: alertThresholds.connectionUtilizationPercent / 100,
    })),
    ...of(xids, ({ cluster = '' }) => ({
      what: 'transaction ids',
      where: cluster,
      unit: 'ratio',
      limit: 1,
      sawtooth: true,
      worrying: critical,
    })),
    ...of(multixacts, ({ cluster = '' }) => ({
      what: 'multixact ids',
      where: cluster,
      unit: 'ratio',
      limit: 1,
      sawtooth: true,
      worrying: critical,
    })),
    ...of(sequences, (labels) => ({
      ...{
        what: `sequence ${labels.schema ?? ''}.${labels.sequence ?? ''}`,
        where: place(labels),
        unit: 'ratio',
        limit: 1,
      },
      worrying: alertThresholds.sequenceWarningPercent / 100,
    })),
  ];
  return growing
    .map(capacityOf)
    .sort((a, b) => urgency(a) - urgency(b))
    .slice(0, SHOWN);
};

const sameDisk = (a: Labels, b: Labels): boolean =>
  a.instance === b.instance && a.mountpoint === b.mountpoint && (a.cluster ?? '') === (b.cluster ?? '');

const latestOf = (series: Series | undefined): number | null => series?.points.at(-1)?.[1] ?? null;

/** All databases of a cluster with its WAL, of the days on which all were known. */
const together = (sizes: readonly Series[], wal: readonly Series[]): Omit<Growing, 'limit'>[] => {
  const clusters = [...new Set(sizes.map(({ labels }) => labels.cluster ?? ''))];
  return clusters.map((cluster) => {
    const own = [...sizes, ...wal]
      .filter(({ labels }) => (labels.cluster ?? '') === cluster)
      .map(({ points }) => new Map(points));
    const days = [...(own[0]?.keys() ?? [])].filter((at) => own.every((values) => values.has(at)));
    const points = days.map((at) => [at, own.reduce((sum, values) => sum + (values.get(at) ?? 0), 0)] as const);
    return { what: 'databases and WAL on the disk', where: cluster, unit: 'bytes' as const, points };
  });
};

/** Those that will be full by when; then those that are full; then the rest as they came. */
const urgency = ({ exhaustedInDays, tone }: CapacityItem): number =>
  tone === 'bad' ? (exhaustedInDays?.soonest ?? 0) : (exhaustedInDays?.soonest ?? 1e6);
