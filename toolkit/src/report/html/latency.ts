import { latencySlo } from '@submilli/catalogue';
import { escape } from '../../page/escape';
import type { Distribution, LatencyOfDatabase, Quantile, Report, TargetKept } from '../model';
import { changeText, latencyText, percentText, placeText, quantileName, short } from '../words';
import { ABSENT, figure, type Markup, muted, note, section, table, toned } from './elements';
import { distributionPlot } from './distribution';
import { latencyPlot } from './plots';

const PICTURED = 6;
const KINDS = 8;

export const latencySection = (report: Report, step: number): string => {
  const { latency } = report;
  if (latency.length === 0) return '';
  return section(
    'latency',
    'Latency against what was promised',
    note(
      'Executor time of whole statements from the server’s log, weighted where it is sampled. A quantile stands here only with ten statements or more beyond it; a difference of less than 8 % is within what the buckets can tell. Commits are apart: executor time ends before they are durable.',
    ),
    ...latency.slice(0, PICTURED).map((one) => ofDatabase(report, one, step)),
    ...(latency.length > PICTURED
      ? [
          note(`${short(latency.length - PICTURED)} more databases, with shorter tails:`),
          others(latency.slice(PICTURED)),
        ]
      : []),
  );
};

const ofDatabase = (report: Report, one: LatencyOfDatabase, step: number): string =>
  [
    `<h3>${escape(placeText(one))}</h3>`,
    table(
      [
        { name: 'Quantile' },
        { name: 'Promised', right: true },
        { name: 'Measured', right: true },
        { name: 'Before', right: true },
        { name: 'Change', right: true },
        { name: '' },
      ],
      [...one.targets.map(targetRow), ...commitRows(one)],
    ),
    note(summary(one)),
    one.lines.length === 0
      ? ''
      : figure(latencyPlot(report, one, step), 'Over time; dashed is what was promised, in the same colour'),
    figure(distributionPlot(one), 'Where latency lies: this period (filled) and the one before (line)'),
    one.kinds.length < 2 ? '' : kindsTable(one),
  ].join('\n');

const targetRow = ({ quantile, target, now, before, kept }: TargetKept): (string | Markup)[] => [
  quantileName(quantile),
  latencyText(target),
  quantileText(now),
  quantileText(before),
  now === null || before === null ? muted(ABSENT) : changeText(now.seconds, before.seconds),
  kept === null ? muted('too few statements') : kept ? toned('good', 'kept') : toned('bad', 'missed'),
];

const commitRows = ({ commit }: LatencyOfDatabase): (string | Markup)[][] =>
  (commit?.quantiles ?? []).map((quantile) => [
    `COMMIT ${quantileName(quantile.quantile)}`,
    muted(ABSENT),
    quantileText(quantile),
    muted(ABSENT),
    muted(ABSENT),
    muted('nothing was promised'),
  ]);

export const quantileText = (quantile: Quantile | null | undefined): string | Markup =>
  quantile === null || quantile === undefined
    ? muted(ABSENT)
    : `${quantile.atLeast ? '> ' : ''}${latencyText(quantile.seconds)}`;

const summary = ({ distribution, previous, budget }: LatencyOfDatabase): string =>
  [
    `${short(Math.round(distribution.statements))} statements${previous === null ? '' : ` (${changeText(distribution.statements, previous.statements)})`}`,
    ...(budget === null
      ? []
      : [
          `${percentText(budget.slowRatio)} took longer than ${latencyText(latencySlo.withinSeconds)}, ${percentText(budget.usedRatio)} of what the objective of ${latencySlo.objective * 100} % allows`,
        ]),
  ].join('; ') + '.';

const of = ({ quantiles }: Distribution, quantile: number) => quantiles.find((one) => one.quantile === quantile);

const kindsTable = ({ kinds }: LatencyOfDatabase): string =>
  table(
    [
      { name: 'Kind' },
      { name: 'Statements', right: true },
      { name: 'P50', right: true },
      { name: 'P99', right: true },
      { name: 'P99.9', right: true },
    ],
    kinds
      .slice(0, KINDS)
      .map((kind) => [
        kind.queryType,
        short(Math.round(kind.statements)),
        ...[0.5, 0.99, 0.999].map((quantile) => quantileText(of(kind, quantile))),
      ]),
  );

const others = (all: readonly LatencyOfDatabase[]): string =>
  table(
    [
      { name: 'Database' },
      { name: 'Statements', right: true },
      { name: 'P50', right: true },
      { name: 'P99', right: true },
      { name: 'P99.9', right: true },
      { name: '' },
    ],
    all
      .slice(0, 50)
      .map((one) => [
        placeText(one),
        short(Math.round(one.distribution.statements)),
        ...[0.5, 0.99, 0.999].map((quantile) => quantileText(of(one.distribution, quantile))),
        one.targets.some(({ kept }) => kept === false) ? toned('bad', 'missed') : muted('kept'),
      ]),
  );
