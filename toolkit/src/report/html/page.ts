import { document } from '../../page/document';
import { escape } from '../../page/escape';
import type { Report } from '../model';
import { momentText, short } from '../words';
import { adviceSection } from './advice';
import { capacitySection } from './capacity';
import { section } from './elements';
import { failoversSection } from './failovers';
import { incidentsSection } from './incidents';
import { latencySection } from './latency';
import { scoresSection } from './scores';
import { statementsSection } from './statements';
import { styles } from './styles';

/** A report as a page of its own; `step` is what lies between the points of its plots, in seconds. */
export const reportPage = (report: Report, step: number): string => {
  const { period, source, generatedAt } = report;
  const title = `${period.name.charAt(0).toUpperCase()}${period.name.slice(1)} report`;
  return document({
    title: `${title}, ${period.from.slice(0, 10)} to ${period.to.slice(0, 10)}`,
    styles,
    body: [
      `<header>\n<h1>${title}</h1>`,
      `<p class="sub">${momentText(period.from)} to ${momentText(period.to)} ${period.to.slice(0, 4)}, UTC; compared with the ${lengthOf(report)} before</p>\n</header>`,
      headlines(report),
      scoresSection(report, step),
      latencySection(report, step),
      statementsSection(report),
      incidentsSection(report),
      failoversSection(report),
      capacitySection(report),
      adviceSection(report),
      unknown(report),
      `<footer>Submilli, ${escape(generatedAt.slice(0, 16).replace('T', ' '))} UTC; ${short(source.questions)} questions to ${escape(source.prometheus)}. A value that is not here was not known.</footer>`,
    ]
      .filter((part) => part !== '')
      .join('\n'),
  });
};

const lengthOf = ({ period: { name } }: Report): string =>
  ({ daily: 'day', weekly: 'seven days', monthly: 'thirty days' })[name];

const headlines = ({ headlines: all }: Report): string =>
  all.length === 0
    ? ''
    : `<ul class="headlines">\n${all.map(({ tone, text }) => `<li class="${tone}">${escape(text)}</li>`).join('\n')}\n</ul>`;

const unknown = ({ unknown: all }: Report): string =>
  all.length === 0
    ? ''
    : section(
        'unknown',
        'What could not be known',
        `<ul class="unknown">${all.map((text) => `<li>${escape(text)}</li>`).join('\n')}</ul>`,
      );
