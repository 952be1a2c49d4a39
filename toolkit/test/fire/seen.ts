import type { Case, Component, Exporter, Scraped } from '../../src/fire/cell';
import type { Deed } from '../../src/fire/matrix';
import { isAmong, isOfItself, meantBy, namesIn, seriesIn } from './exposition';
import type { World } from './world';

const lacks = (what: string, text: string, pattern: string): readonly string[] =>
  new RegExp(pattern).test(text) ? [] : [`${what} is: ${text}`];

const wrongInMetrics = (text: string, { metrics, absent }: Case): readonly string[] => {
  const series = seriesIn(text);
  const values = Object.entries(metrics).flatMap(([wanted, value]) => {
    const found = meantBy(series, wanted);
    if (found.length === 0) return [`${wanted} is absent`];
    return found.filter((one) => one.value !== value).map((one) => `${wanted} is ${one.value}, not ${value}`);
  });
  const stale = [...namesIn(series)].filter((name) => (absent === 'all' ? !isOfItself(name) : isAmong(name, absent)));
  return [...values, ...stale.map((name) => `${name} is there`)];
};

const targetOf: Readonly<Record<Exporter, string>> = { database: 'pg', query: 'pg', pool: 'pool', ha: 'fire' };

const wrongInStatus = async ({ exporters }: World, { exporter, status }: Case): Promise<readonly string[]> => {
  if (status === null) return [];
  const { targets } = await exporters.status(exporter);
  const target = targets.find(({ name }) => name === targetOf[exporter]);
  const collector = target?.collectors.find(({ name }) => name === status.of);
  const told =
    status.of === 'target'
      ? { reason: target?.reason, remedy: target?.remedy }
      : { reason: collector?.detail, remedy: collector?.remedy };
  return [
    ...lacks(`the reason of ${status.of}`, told.reason ?? 'absent', status.reason),
    ...lacks(`the remedy of ${status.of}`, told.remedy ?? 'absent', status.remedy),
  ];
};

/** What the exporter tells otherwise than the table says; nothing, if all is as it says. `since`: of its log. */
export const wrongInExporter = async (world: World, expected: Case, since: number): Promise<readonly string[]> => {
  const { exporters, prometheus } = world;
  const { exporter, alert, log } = expected;
  const text = await exporters.get(exporter, '/metrics');
  const said = exporters.said().slice(since);
  return [
    ...wrongInMetrics(text, expected),
    ...(await wrongInStatus(world, expected)),
    ...(log === null ? [] : lacks('the log', said, log)),
    ...('none' in alert || (await prometheus.isTrue(alert.name, alert.labels)) ? [] : [`${alert.name} is not true`]),
  ];
};

export const wrongInPrometheus = async (
  { prometheus, proxies }: World,
  { scrapeError, alert }: Scraped,
): Promise<readonly string[]> => [
  ...lacks(
    'the last scrape',
    await prometheus.lastError(`${proxies.exporter.host}:${proxies.exporter.port}`),
    scrapeError,
  ),
  ...((await prometheus.isTrue(alert.name, alert.labels)) ? [] : [`${alert.name} is not true`]),
];

/** How an exporter is while all is well. */
export type Wellness = { readonly families: ReadonlySet<string>; readonly failing: readonly string[] };

const failingIn = (text: string): readonly string[] =>
  meantBy(seriesIn(text), 'db_exporter_collector_success')
    .filter(({ value }) => value === 0)
    .map(({ labels }) => labels);

export const wellnessOf = async ({ exporters }: World, exporter: Exporter): Promise<Wellness> => {
  const text = await exporters.get(exporter, '/metrics');
  const families = [...namesIn(seriesIn(text))].filter((name) => !isOfItself(name));
  return { families: new Set(families), failing: failingIn(text) };
};

/** What is not as it was before. */
export const wrongAfter = async (world: World, exporter: Exporter, before: Wellness): Promise<readonly string[]> => {
  const text = await world.exporters.get(exporter, '/metrics');
  const series = seriesIn(text);
  const now = namesIn(series);
  const { targets } = await world.exporters.status(exporter);
  const target = targets.find(({ name }) => name === targetOf[exporter]);
  const reason = target?.reason ?? null;
  const failed = target?.collectors.filter(({ state }) => state === 'failed') ?? [];
  return [
    ...(meantBy(series, 'db_exporter_up').every(({ value }) => value === 1) ? [] : ['db_exporter_up is not 1']),
    ...(reason === null ? [] : [`the target says: ${reason}`]),
    ...[...before.families].filter((name) => !now.has(name)).map((name) => `${name} is absent`),
    ...failingIn(text)
      .filter((one) => !before.failing.includes(one))
      .map((one) => `${one} fails: ${failed.find(({ name }) => one.includes(`"${name}"`))?.detail ?? ''}`),
  ];
};

/** A scrape, samples and a visit to each database, of two exporters: what is open at one moment may be closed at the next. */
const SPARE_CONNECTIONS = 4;

export const openTo = ({ proxies }: World, component: Component): number =>
  (proxies as Partial<Record<Component, { connections: () => number }>>)[component]?.connections() ?? 0;

/** Connections that are left over. */
export const leakedTo = (world: World, component: Component, before: number): readonly string[] => {
  const open = openTo(world, component);
  return open <= before + SPARE_CONNECTIONS ? [] : [`${open} connections are open, and were ${before}`];
};

/** The alert that is true of something that is mended. */
export const stillTrue = async ({ prometheus }: World, deed: Deed): Promise<readonly string[]> => {
  if (deed.kind === 'command tells' || 'none' in deed.expected.alert) return [];
  const { name, labels } = deed.expected.alert;
  return (await prometheus.isTrue(name, labels)) ? [`${name} is still true`] : [];
};
