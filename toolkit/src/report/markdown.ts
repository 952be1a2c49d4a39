import { alertThresholds } from '@submilli/catalogue';
import { markdownRows, plain } from '../page/markdown-table';
import { moveText } from './incident-words';
import type { AdviceOfReport, Incident, Quantile, Report } from './model';
import {
  bytesText,
  changeText,
  clockText,
  latencyText,
  momentText,
  percentText,
  placeText,
  plural,
  quantileName,
  short,
  timeText,
} from './words';

const ABSENT = '–';
const MOST = 20;
const MOST_TEXT = 120;

/** A report for a mail or a ticket: the same figures as the page, without its pictures. */
export const reportMarkdown = (report: Report): string =>
  [
    `# ${report.period.name.charAt(0).toUpperCase()}${report.period.name.slice(1)} report`,
    `${momentText(report.period.from)} to ${momentText(report.period.to)} ${report.period.to.slice(0, 4)}, UTC; compared with the same time before.`,
    report.headlines.map(({ tone, text }) => `- ${tone === 'bad' ? '**Bad:** ' : ''}${plain(text)}`).join('\n'),
    ...scores(report),
    ...latency(report),
    ...statements(report),
    ...incidents(report),
    ...failovers(report),
    ...capacity(report),
    ...advice(report),
    ...(report.unknown.length === 0
      ? []
      : ['## What could not be known', report.unknown.map((text) => `- ${plain(text)}`).join('\n')]),
  ]
    .filter((part) => part !== '')
    .join('\n\n') + '\n';

const table = (rows: readonly (readonly string[])[]): string =>
  markdownRows(rows.map((row) => row.map(plain))).join('\n');
const quantileText = (quantile: Quantile | null | undefined): string =>
  quantile === null || quantile === undefined
    ? ABSENT
    : `${quantile.atLeast ? '> ' : ''}${latencyText(quantile.seconds)}`;

const scores = ({ scores: all }: Report): string[] =>
  all.length === 0
    ? []
    : [
        '## Health score',
        table([
          ['Database', 'Median', 'Before', 'Lowest', 'When', `Below ${alertThresholds.healthScore}`, 'What cost most'],
          ...all
            .slice(0, MOST)
            .map((one) => [
              placeText(one),
              short(Math.round(one.median)),
              one.previous === null ? ABSENT : short(Math.round(one.previous.median)),
              short(Math.round(one.lowest.value)),
              momentText(one.lowest.at),
              one.belowSeconds < 1 ? 'never' : timeText(one.belowSeconds),
              one.worst?.component ?? 'nothing',
            ]),
        ]),
      ];

const latency = ({ latency: all }: Report): string[] =>
  all.length === 0
    ? []
    : [
        '## Latency against what was promised',
        ...all
          .slice(0, MOST)
          .flatMap((one) => [
            `### ${plain(placeText(one))}`,
            table([
              ['Quantile', 'Promised', 'Measured', 'Before', 'Change', ''],
              ...one.targets.map(({ quantile, target, now, before, kept }) => [
                quantileName(quantile),
                latencyText(target),
                quantileText(now),
                quantileText(before),
                now === null || before === null ? ABSENT : changeText(now.seconds, before.seconds),
                kept === null ? 'too few statements' : kept ? 'kept' : 'missed',
              ]),
              ...(one.commit?.quantiles ?? []).map((each) => [
                `COMMIT ${quantileName(each.quantile)}`,
                ABSENT,
                quantileText(each),
                ABSENT,
                ABSENT,
                '',
              ]),
            ]),
          ]),
      ];

const statements = ({ statements: found }: Report): string[] => {
  if (found === null) return [];
  const rows = (all: typeof found.top) =>
    table([
      ['Statement', 'Database', 'Time', 'Share', 'Calls', 'Mean', 'Before', 'Change'],
      ...all.map((one) => [
        one.text === null ? `${one.queryType} ${one.queryid}` : one.text.slice(0, MOST_TEXT),
        placeText(one),
        timeText(one.seconds),
        Number.isFinite(one.timeShare) ? percentText(one.timeShare) : ABSENT,
        short(Math.round(one.calls)),
        latencyText(one.meanSeconds),
        one.previousMeanSeconds === null ? 'new' : latencyText(one.previousMeanSeconds),
        one.previousMeanSeconds === null || one.ratio === null
          ? ABSENT
          : changeText(one.meanSeconds, one.previousMeanSeconds),
      ]),
    ]);
  return [
    '## Statements',
    `Executor time of all: ${timeText(found.totalSeconds)}${found.previousTotalSeconds === null ? '' : ` (${changeText(found.totalSeconds, found.previousTotalSeconds)})`}.`,
    rows(found.top),
    ...(found.slower.length === 0 ? [] : ['### Slower than in the period before', rows(found.slower)]),
  ];
};

const incidents = ({ incidents: found, period }: Report): string[] => {
  if (!found?.alertsKnown) return [];
  return [
    '## Incidents',
    ...(found.incidents.length === 0 ? ['No alert fired that is critical or a warning.'] : []),
    ...found.incidents.map((one) => incidentText(one, period.to)),
    ...(found.leftOut === 0 ? [] : [`${plural(found.leftOut, 'shorter or milder one')} left out.`]),
  ];
};

const incidentText = ({ cluster, from, to, severity, alerts, moved, events }: Incident, end: string): string =>
  [
    `### ${plain(cluster)} ${momentText(from)}: ${timeText((Date.parse(to ?? end) - Date.parse(from)) / 1000)}${to === null ? ', and it goes on' : ''} (${severity})\n`,
    ...(moved ?? []).slice(0, 8).map((one, i) => `${i + 1}. ${plain(moveText(one, from))}`),
    ...(moved === null || moved.length === 0 ? ['What moved first is not known.'] : []),
    '',
    ...alerts
      .slice(0, 8)
      .map(
        (one) =>
          `- ${clockText(one.firedAt)} to ${one.endedAt === null ? 'now' : clockText(one.endedAt)} **${plain(one.name)}** ${plain(Object.values(one.labels).slice(0, 4).join(' '))}`,
      ),
    ...events.map(({ at, what }) => `- ${clockText(at)} ${plain(what)}`),
  ].join('\n');

const failovers = ({ failovers: all }: Report): string[] =>
  all.flatMap((one) => [
    `## Failovers of ${plain(one.cluster)}`,
    `${one.failovers.length + one.others === 0 ? 'None.' : `${plural(one.failovers.length + one.others, 'failover')}.`}${
      one.unwritableSeconds === null ? '' : ` Without a primary for ${timeText(one.unwritableSeconds)} in all.`
    }`,
    one.failovers.length === 0
      ? ''
      : table([
          ['When', 'From', 'To', 'Cause', 'Took'],
          ...one.failovers.map(({ at, from, to, cause, seconds, error }) => [
            momentText(at),
            from ?? ABSENT,
            to ?? ABSENT,
            cause ?? 'not told',
            seconds === null ? 'nobody looked' : `${short(seconds)} s${error === null ? '' : ` ± ${short(error)}`}`,
          ]),
        ]),
  ]);

const capacity = ({ capacity: all }: Report): string[] =>
  all.length === 0
    ? []
    : [
        '## Capacity',
        table([
          ['What', 'Where', 'Now', 'Trend'],
          ...all.map(({ what, where, unit, now, sentence }) => [
            what,
            where,
            unit === 'bytes' ? bytesText(now) : percentText(now),
            sentence,
          ]),
        ]),
      ];

const advice = ({ advice: found }: Report): string[] => {
  if (found === null) return [];
  const list = (title: string, all: readonly AdviceOfReport[] | null): string[] =>
    all === null || all.length === 0
      ? []
      : [
          `### ${title}`,
          table([
            ['What', 'Where', 'Severity', 'State', 'Impact'],
            ...all.map((one) => [one.title, one.target, one.severity, one.state, one.impact ?? ABSENT]),
          ]),
        ];
  return [
    '## Advice',
    `${plural(found.now, 'recommendation')} ${found.now === 1 ? 'holds' : 'hold'} now${found.before === null ? '' : `, ${short(found.before)} at the beginning`}.`,
    ...list('Opened', found.opened),
    ...list('Closed', found.closed),
    ...(found.saved.length === 0
      ? []
      : [
          '### What it saved',
          table([
            ['Index', 'Mean before', 'Since then', 'Saved a day', ''],
            ...found.saved.map((one) => [
              one.index,
              one.meanBefore === null ? ABSENT : latencyText(one.meanBefore),
              one.meanSince === null ? ABSENT : latencyText(one.meanSince),
              one.secondsPerDay === null
                ? ABSENT
                : `${one.secondsPerDay < 0 ? '−' : ''}${timeText(Math.abs(one.secondsPerDay))}`,
              one.verdict,
            ]),
          ]),
        ]),
  ];
};
