import { escape } from '../../page/escape';
import { moveText } from '../incident-words';
import type { Incident, IncidentAlert, Moved, Report } from '../model';
import { clockText, momentText, plural, short, timeText } from '../words';
import { note, section } from './elements';

const MOST_ALERTS = 8;
const MOST_MOVES = 8;

export const incidentsSection = (report: Report): string => {
  const { incidents, period } = report;
  if (!incidents?.alertsKnown) return '';
  const { incidents: all, leftOut, previous } = incidents;
  const before = previous === null ? '' : ` In the period before: ${short(previous)}.`;
  return section(
    'incidents',
    'Incidents',
    all.length === 0
      ? note(`No alert fired that is critical or a warning.${before}`)
      : note(
          `Alerts that fired within ten minutes of each other in a cluster are one incident.${before} What moved first is no proof of a cause: it is where to look first.`,
        ),
    ...all.map((one) => incidentBox(one, period.to)),
    leftOut === 0 ? '' : note(`${plural(leftOut, 'shorter or milder one')} left out; Prometheus has them all.`),
  );
};

const incidentBox = (incident: Incident, end: string): string => {
  const { cluster, from, to, severity, alerts, moved, events } = incident;
  const lasted = (Date.parse(to ?? end) - Date.parse(from)) / 1000;
  return [
    `<article class="incident ${severity === 'critical' ? 'critical' : ''}">`,
    `<h3>${escape(cluster)}${cluster === '' ? '' : ', '}${momentText(from)}: ${timeText(lasted)}${to === null ? ', and it goes on' : ''}</h3>`,
    movedText(moved, from),
    `<p>Alerts:</p><ul>${alerts
      .slice(0, MOST_ALERTS)
      .map((alert) => `<li>${alertText(alert)}</li>`)
      .join('')}${
      alerts.length > MOST_ALERTS ? `<li class="soft">and ${short(alerts.length - MOST_ALERTS)} more</li>` : ''
    }</ul>`,
    events.length === 0
      ? ''
      : `<p>Around it:</p><ul>${events.map(({ at, what }) => `<li>${clockText(at)} ${escape(what)}</li>`).join('')}</ul>`,
    '</article>',
  ].join('\n');
};

const movedText = (moved: readonly Moved[] | null, from: string): string => {
  if (moved === null) return '<p class="soft">What moved first is not known: no signal has a past here.</p>';
  if (moved.length === 0)
    return '<p class="soft">No signal that we look at left its usual band in the hour before.</p>';
  const items = moved.slice(0, MOST_MOVES).map((one) => `<li>${escape(moveText(one, from))}</li>`);
  return `<p>What moved first:</p><ol>${items.join('')}</ol>`;
};

const alertText = ({ name, severity, labels, firedAt, endedAt }: IncidentAlert): string => {
  const about = Object.values(labels).slice(0, 4).join(' ');
  return `${clockText(firedAt)} to ${endedAt === null ? 'now' : clockText(endedAt)} <strong>${escape(name)}</strong> <span class="soft">${escape(`${severity} ${about}`)}</span>`;
};
