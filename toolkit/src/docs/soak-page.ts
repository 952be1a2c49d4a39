import { standalone } from '../page/standalone';
import { markdownRows, plain } from '../page/markdown-table';
import { picture, pictureNames } from '../soak/report/pictures';
import type { SoakReport } from '../soak/report/schema';
import { amount } from '../soak/words';
import { bytesText, plural, timeText } from '../report/words';
import type { DocFiles } from './load-page';

/** A kept soak as a page of the documentation, with its pictures. */
export const soakPage = (report: SoakReport): DocFiles => ({
  'soak.md': text(report),
  ...Object.fromEntries(pictureNames.map((name) => [imageOf(name), standalone(picture(name, report))])),
});

const imageOf = (name: string): string => `images/soak-${name}.svg`;

const text = (report: SoakReport): string => {
  const { checks, notJudged, passed, faults, seconds } = report;
  return [
    `# ${timeText(seconds)} under fire`,
    '',
    `Made by \`npm run soak\` on a stack of its own: load, ${plural(faults.length, 'fault')} at seeded random moments, and a scrape of`,
    'every target all the time; `soak.json` has the figures, and `npm run docs` makes this page of them.',
    `${report.startedAt.slice(0, 16).replace('T', ' ')} UTC.`,
    '',
    '```sh',
    commandOf(report),
    '```',
    '',
    `- ${plain(machineText(report))}`,
    `- ${plain(taskText(report))}`,
    '',
    passed ? '**Kept**: all that was judged.' : '**Broken:** what is bold in the table.',
    ...notJudged.flatMap((line) => ['', `Not judged: ${plain(line)}.`]),
    '',
    ...markdownRows([
      ['promise', 'looked at', 'found'],
      ...checks.map(({ promise, looked, judged, findings }) => [
        ...[plain(promise), plain(looked)],
        findings.length === 0 ? (judged ? 'kept' : 'not judged') : `**${plural(findings.length, 'finding')}**`,
      ]),
    ]),
    '',
    ...checks.flatMap(({ findings }) => findings.map((line) => `- ${plain(line)}`)),
    ...(passed ? [] : ['']),
    '## What the exporters held',
    '',
    'Each stripe is a fault, from its beginning until every target and collector was back; violet: the exporters themselves',
    'were ended. Peaks are drawn; what is judged is the lower envelope.',
    '',
    ...pictureNames.flatMap((name) => [`![${name}](${imageOf(name)})`, '']),
    '## What grew',
    '',
    `The lowest value of each ${timeText(report.bounds.stretchSeconds)} counts, since garbage that is not collected yet and a request under way are above it; the`,
    `first ${timeText(report.bounds.warmUpSeconds)} of each life of a process are its warm-up. The slope is the median of those between all pairs of`,
    'one life (Theil and Sen), with its interval of 95 %. A leak is what surely grows by more than is allowed: its whole interval',
    'lies above.',
    '',
    ...markdownRows([
      ['figure', 'of', 'more each hour', 'interval', 'allowed'],
      ...report.growth.map(({ title, of, unit, perHour, low, high, allowed, leaks }) => [
        ...[title, of, leaks ? `**${amount(perHour, unit)}**` : amount(perHour, unit)],
        ...[low === null ? '' : `${amount(low, unit)} to ${amount(high, unit)}`, amount(allowed, unit)],
      ]),
    ]),
    '',
    '## What was done',
    '',
    ...markdownRows([
      ['at', 'what', 'lasted', 'whole again', 'all shown again'],
      ...faults.map(({ at, what, mendedAt, wholeAt, wellAt, scrapes, trouble }) => [
        ...[minutes(at), plain(trouble === null ? what : `${what} (${trouble})`), timeText(Math.round(mendedAt - at))],
        wholeAt === null ? '**no**' : `${Math.round(wholeAt - mendedAt)} s later`,
        wellAt === null ? '**no**' : plural(scrapes, 'scrape'),
      ]),
    ]),
    '',
    ...helpText(report),
  ].join('\n');
};

const helpText = ({ faults }: SoakReport): string[] => {
  const helped = faults.flatMap(({ at, helped }) => helped.map((what) => `- ${minutes(at)}: ${plain(what)}`));
  return helped.length === 0
    ? []
    : ['What a person would have had to do for the cluster, and was done:', '', ...helped, ''];
};

export const commandOf = ({ asked: { minutes, seed, rate, processes, everySeconds } }: SoakReport): string =>
  `npm run soak -- --minutes ${minutes} --seed ${seed} --rate ${rate} --processes ${processes} --every ${everySeconds}`;

const machineText = ({
  machine: { cores, processor, memoryBytes, system, kernel, loadBefore },
  node,
}: SoakReport): string =>
  `${plural(cores, 'core')} of ${processor}, ${bytesText(memoryBytes)}, ${system}, Linux ${kernel}, Node.js ${node}; load average before: ${loadBefore}.`;

const taskText = ({ asked: { rate, processes, everySeconds } }: SoakReport): string =>
  `${rate} transactions a second through the pool, connections that come and go, the exporters in ${processes === 1 ? 'one process' : 'four processes'}, a scrape of each target every ${everySeconds} s beside those of Prometheus.`;

const minutes = (seconds: number): string =>
  `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, '0')}`;
