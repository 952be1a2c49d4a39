import { alertThresholds } from '@submilli/catalogue';
import type { Headline, Report } from './model';
import {
  changeText,
  latencyText,
  momentText,
  percentText,
  placeText,
  plural,
  quantileName,
  short,
  timeText,
} from './words';

type Told = Omit<Report, 'headlines' | 'period' | 'generatedAt' | 'source' | 'version'>;

/** What a reader with one minute should know, each in a sentence; bad news first. */
export const headlinesOf = (report: Told): readonly Headline[] => {
  const nothing = report.scores.length + report.latency.length + report.failovers.length + report.capacity.length === 0;
  if (nothing && report.statements === null) {
    return [{ tone: 'neutral', text: 'Nothing is known of this time: what could not be known, and why, is below.' }];
  }
  const order = { bad: 0, neutral: 1, good: 2 } as const;
  return [
    ...scoreLines(report),
    ...latencyLines(report),
    ...incidentLines(report),
    ...failoverLines(report),
    ...capacityLines(report),
    ...statementLines(report),
  ].sort((a, b) => order[a.tone] - order[b.tone]);
};

const scoreLines = ({ scores }: Told): Headline[] => {
  const low = scores.filter(
    ({ belowSeconds, lowest }) => belowSeconds > 0 || lowest.value < alertThresholds.healthScore,
  );
  if (scores.length === 0) return [];
  if (low.length === 0) {
    const least = scores[0];
    return [
      {
        tone: 'good',
        text: `No score fell below ${alertThresholds.healthScore}; the lowest was ${short(Math.round(least?.lowest.value ?? 0))}.`,
      },
    ];
  }
  return low.slice(0, 2).map((one) => ({
    tone: 'bad',
    text: `The score of ${placeText(one)} fell to ${short(Math.round(one.lowest.value))} at ${momentText(one.lowest.at)}${
      one.belowSeconds >= 60 ? ` and was below ${alertThresholds.healthScore} for ${timeText(one.belowSeconds)}` : ''
    }.`,
  }));
};

const latencyLines = ({ latency }: Told): Headline[] => {
  if (latency.length === 0) return [];
  const missed = latency.flatMap((one) =>
    one.targets.filter(({ kept }) => kept === false).map((target) => ({ one, target })),
  );
  if (missed.length === 0) {
    const known = latency.some(({ targets }) => targets.some(({ kept }) => kept !== null));
    return known ? [{ tone: 'good', text: 'Every promised latency that could be measured was kept.' }] : [];
  }
  return missed.slice(0, 3).map(({ one, target: { quantile, target, now, before } }) => ({
    tone: 'bad',
    text: `${quantileName(quantile)} of ${placeText(one)} was ${now === null ? '' : latencyText(now.seconds)} where ${latencyText(target)} was promised${
      now !== null && before !== null ? ` (${changeText(now.seconds, before.seconds)} against the period before)` : ''
    }.`,
  }));
};

const incidentLines = ({ incidents }: Told): Headline[] => {
  if (incidents?.alertsKnown !== true) return [];
  const count = incidents.incidents.length + incidents.leftOut;
  if (count === 0) return [{ tone: 'good', text: 'No alert fired.' }];
  const critical = incidents.incidents.filter(({ severity }) => severity === 'critical').length;
  const before = incidents.previous === null ? '' : `, ${short(incidents.previous)} in the period before`;
  return [
    {
      tone: critical > 0 ? 'bad' : 'neutral',
      text: `${plural(count, 'incident')}, ${critical === 0 ? 'none' : short(critical)} of them critical${before}.`,
    },
  ];
};

const failoverLines = ({ failovers }: Told): Headline[] =>
  failovers.flatMap(({ cluster, failovers: own, others, unwritableSeconds, splitBrainSeconds }): Headline[] => [
    ...((splitBrainSeconds ?? 0) > 0
      ? [
          {
            tone: 'bad' as const,
            text: `Two primaries at once in ${cluster} for ${timeText(splitBrainSeconds ?? 0)}: writes to one of them were lost.`,
          },
        ]
      : []),
    ...(own.length + others > 0
      ? [
          {
            tone:
              own.every(({ planned }) => planned === true) && others === 0 ? ('neutral' as const) : ('bad' as const),
            text: `${plural(own.length + others, 'failover')} in ${cluster}${
              unwritableSeconds === null ? '' : `; ${timeText(unwritableSeconds)} without a primary in all`
            }.`,
          },
        ]
      : []),
  ]);

const capacityLines = ({ capacity }: Told): Headline[] =>
  capacity
    .filter(({ tone }) => tone === 'bad')
    .slice(0, 3)
    .map(({ what, where, now, limit, sentence }) => ({
      tone: 'bad',
      text: `${what.charAt(0).toUpperCase()}${what.slice(1)} of ${where}${limit === null ? '' : ` is at ${percentText(now / limit)}`}: ${sentence}.`,
    }));

const statementLines = ({ statements }: Told): Headline[] => {
  const worst = statements?.slower[0];
  if (worst === undefined || worst.ratio === null) return [];
  return [
    {
      tone: worst.ratio >= 2 ? 'bad' : 'neutral',
      text: `Statement ${worst.queryid} of ${placeText(worst)} takes ${short(worst.ratio)} times what it took in the period before.`,
    },
  ];
};
