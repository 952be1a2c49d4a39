import type { Labels } from '../../prometheus/answer';
import { stepFor, windowsOf, duration } from '../../prometheus/span';
import { type Asking, iso, overWindows, overWindowsBefore, select } from '../asking';
import { byWeight, type Firing, firingsOf, type Group, grouped } from '../incidents/gather';
import { moveOf } from '../incidents/moved';
import { signalsOf } from '../incidents/signals';
import type { Incident, IncidentsSection, Moved } from '../model';

const HOUR = 3600;
/** Listed, each with what moved. */
const SHOWN = 8;
const MINUTE = 60;
/** Before an incident: an hour in which what led to it may have moved, and three before that in which all was as usual. */
const LED_UP = HOUR;
const USUAL = 4 * HOUR;
const FOLLOWED = HOUR / 2;
const FINE_POINTS = 400;

const FIRING = 'alertstate="firing",severity=~"critical|warning"';

/** Alerts that fired, gathered into incidents, with what moved first in each. */
export const incidentsOf = async (asking: Asking): Promise<IncidentsSection> => {
  const { prometheus, period } = asking;
  const fired = `max_over_time(${select(asking, 'ALERTS', FIRING)}[{w}])`;
  const groups = grouped(firingsOf(await overWindows(asking, fired), period.step, period.to));
  const before = grouped(firingsOf(await overWindowsBefore(asking, fired), period.step, period.from));
  // The watchdog always fires: without it nobody evaluates rules.
  const watched = async (moment: number): Promise<boolean> =>
    (await prometheus.at(`count(max_over_time(ALERTS[${period.seconds}s:1h]))`, moment)).length > 0;
  const chosen = byWeight(groups, period.to).slice(0, SHOWN);
  const incidents: Incident[] = [];
  for (const group of chosen) incidents.push(await incidentOf(asking, group));
  return {
    incidents: incidents.sort((a, b) => (a.from < b.from ? -1 : 1)),
    leftOut: groups.length - chosen.length,
    previous: before.length > 0 || (await watched(period.from)) ? before.length : null,
    alertsKnown: groups.length > 0 || (await watched(period.to)),
  };
};

/** A cluster's name as a matcher; without one, none has it. */
const ofCluster = (cluster: string): string => `cluster=${JSON.stringify(cluster)}`;

const incidentOf = async (asking: Asking, group: Group): Promise<Incident> => {
  const { prometheus, period } = asking;
  const [from, to] = [group.from - period.step, Math.min(period.to, (group.to ?? period.to) + period.step)];
  const step = stepFor(to - from, FINE_POINTS);
  const fine = await prometheus.over(
    `max_over_time(ALERTS{${FIRING},${ofCluster(group.cluster)}}[${duration(step)}])`,
    windowsOf(from, to, step),
  );
  // More exact; but what fired in a coarse window and is of the incident before is not of this one.
  const mine = firingsOf(fine, step, period.to).filter((one) =>
    group.firings.some((coarse) => sameAlert(coarse.labels, one.labels) && overlap(coarse, one)),
  );
  const firings = (mine.length > 0 ? mine : group.firings).toSorted((a, b) => a.from - b.from);
  const start = firings[0]?.from ?? group.from;
  const ended = firings.some((one) => one.to === null) ? null : Math.max(...firings.map((one) => one.to ?? 0));
  return {
    ...{ cluster: group.cluster, from: iso(start), to: ended === null ? null : iso(ended), severity: group.severity },
    alerts: firings.map(({ labels, from: firedAt, to: endedAt }) => ({
      ...{ name: labels.alertname ?? '', severity: labels.severity ?? '', labels: ownLabels(labels) },
      ...{ firedAt: iso(firedAt), endedAt: endedAt === null ? null : iso(endedAt) },
    })),
    moved: await movesOf(asking, group.cluster, start, ended ?? period.to),
    events: await eventsOf(asking, group.cluster, start - LED_UP, ended ?? period.to),
  };
};

const overlap = (a: Firing, b: Firing): boolean => b.from < (a.to ?? Infinity) && (b.to ?? Infinity) > a.from;

const sameAlert = (a: Labels, b: Labels): boolean =>
  [...new Set([...Object.keys(a), ...Object.keys(b)])].every((name) => name === '__name__' || a[name] === b[name]);

const TOLD = ['__name__', 'alertname', 'alertstate', 'severity', 'cluster', 'component', 'job'];
const ownLabels = (labels: Labels): Labels =>
  Object.fromEntries(Object.entries(labels).filter(([name]) => !TOLD.includes(name)));

/** Signals in the order in which they left their usual band; null where none was there before. */
const movesOf = async (
  { prometheus, period }: Asking,
  cluster: string,
  start: number,
  end: number,
): Promise<readonly Moved[] | null> => {
  const span = { from: start - USUAL, to: Math.min(end, start + FOLLOWED, period.to), step: MINUTE };
  const moves: Moved[] = [];
  let known = 0;
  for (const signal of signalsOf({ cluster })) {
    const [series] = await prometheus.over(signal.expr, span);
    if (series === undefined) continue;
    if (series.points.some(([at]) => at < start - LED_UP)) known += 1;
    const moved = moveOf(signal, series.points, { until: start - LED_UP });
    if (moved !== undefined) moves.push(moved);
  }
  return known === 0 ? null : moves.sort((a, b) => (a.at < b.at ? -1 : 1));
};

/** Gauges whose value is the moment of an event. */
const EVENTS = [
  { metric: 'db_ha_last_failover_timestamp_seconds', what: () => 'failover' },
  { metric: 'db_server_start_timestamp_seconds', what: ({ target = '' }: Labels) => `${target} was started` },
  {
    metric: 'db_settings_changed_timestamp_seconds',
    what: ({ target = '' }: Labels) => `settings of ${target} changed`,
  },
] as const;

const eventsOf = async (
  { prometheus }: Asking,
  cluster: string,
  from: number,
  to: number,
): Promise<Incident['events']> => {
  const found: { at: string; what: string }[] = [];
  for (const { metric, what } of EVENTS) {
    const step = stepFor(to - from, FINE_POINTS);
    const seen = await prometheus.over(`max by (cluster, target) (${metric}{${ofCluster(cluster)}})`, {
      from,
      to,
      step,
    });
    for (const { labels, points } of seen) {
      const moments = new Set(points.map(([, value]) => Math.round(value)).filter((at) => at >= from && at <= to));
      for (const at of moments) found.push({ at: iso(at), what: what(labels) });
    }
  }
  return found.sort((a, b) => (a.at < b.at ? -1 : 1));
};
