import { alertThresholds } from '@submilli/catalogue';
import type { Report, ScoreOfDatabase } from '../model';
import { momentText, percentText, placeText, short, timeText } from '../words';
import { ABSENT, figure, muted, note, section, table, toned } from './elements';
import { scorePlot } from './plots';

/** Databases with a picture of their own: the worst. */
const PICTURED = 6;
const LISTED = 50;

export const scoresSection = (report: Report, step: number): string => {
  const { scores } = report;
  if (scores.length === 0) return '';
  return section(
    'scores',
    'Health score',
    table(
      [
        { name: 'Database' },
        { name: 'Median', right: true },
        { name: 'Before', right: true },
        { name: 'Lowest', right: true },
        { name: 'When' },
        { name: `Below ${alertThresholds.healthScore}`, right: true },
        { name: 'What cost most' },
      ],
      scores.slice(0, LISTED).map(row),
    ),
    scores.length > LISTED ? note(`${short(scores.length - LISTED)} more, with higher scores, are in the JSON.`) : '',
    ...scores
      .slice(0, PICTURED)
      .map((score) =>
        figure(
          scorePlot(report, score, step),
          `${placeText(score)}: the lowest score of each step${coverageText(score)}`,
        ),
      ),
  );
};

const row = (score: ScoreOfDatabase) => {
  const { median, lowest, previous, worst, belowSeconds } = score;
  return [
    placeText(score),
    short(Math.round(median)),
    previous === null ? muted(ABSENT) : short(Math.round(previous.median)),
    lowest.value < alertThresholds.healthScore
      ? toned('bad', short(Math.round(lowest.value)))
      : short(Math.round(lowest.value)),
    momentText(lowest.at),
    belowSeconds < 1 ? muted('never') : toned('bad', timeText(belowSeconds)),
    worst === null ? muted('nothing') : `${worst.component}, ${short(Math.round(worst.points))} points on average`,
  ];
};

const coverageText = ({ coverage: { ratio } }: ScoreOfDatabase): string =>
  ratio >= 0.99 ? '' : `; grey is where nothing is known (${percentText(1 - ratio)} of the time)`;
