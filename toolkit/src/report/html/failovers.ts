import type { FailoversOfCluster, Report } from '../model';
import { changeText, momentText, plural, short, timeText } from '../words';
import { escape } from '../../page/escape';
import { ABSENT, muted, note, section, table, toned } from './elements';

export const failoversSection = ({ failovers }: Report): string =>
  failovers.length === 0 ? '' : section('failovers', 'Failovers and recovery', ...failovers.map(ofCluster));

const ofCluster = (one: FailoversOfCluster): string => {
  const { cluster, failovers, others, unwritableSeconds, previousUnwritableSeconds, splitBrainSeconds, recovery } = one;
  const causes = one.interruptions.map(({ cause, count }) => `${cause} ${short(count)}`).join(', ');
  const sentences = [
    failovers.length + others === 0
      ? 'No failover.'
      : `${plural(failovers.length + others, 'failover')}${others === 0 ? '' : `, ${short(others)} of them not seen one by one`}.`,
    ...(unwritableSeconds === null
      ? []
      : [
          `Without a primary for ${unwritableSeconds === 0 ? 'no time' : timeText(unwritableSeconds)} in all${
            (previousUnwritableSeconds ?? 0) > 0
              ? ` (${changeText(unwritableSeconds, previousUnwritableSeconds ?? 0)})`
              : ''
          }.`,
        ]),
    ...((splitBrainSeconds ?? 0) > 0 ? [`Two primaries at once for ${timeText(splitBrainSeconds ?? 0)}.`] : []),
    ...(causes === '' ? [] : [`Interruptions by cause: ${causes}.`]),
  ];
  return [
    `<h3>${escape(cluster)}</h3>`,
    `<p>${escape(sentences.join(' '))}</p>`,
    failovers.length === 0
      ? ''
      : table(
          [{ name: 'When, UTC' }, { name: 'From' }, { name: 'To' }, { name: 'Cause' }, { name: 'Took', right: true }],
          failovers.map(({ at, from, to, cause, planned, seconds, error }) => [
            `${momentText(at)}:${at.slice(17, 19)}`,
            from ?? muted(ABSENT),
            to ?? muted(ABSENT),
            cause === null ? muted('not told') : `${cause}${planned === true ? ', planned' : ''}`,
            seconds === null
              ? muted('nobody looked')
              : `${short(seconds)} s${error === null ? '' : ` ± ${short(error)}`}`,
          ]),
        ),
    recovery.length === 0
      ? ''
      : table(
          [{ name: 'Fault' }, { name: 'Predicted by timers', right: true }, { name: 'Last measured', right: true }],
          recovery.map(({ fault, predictedSeconds, measuredSeconds }) => [
            fault,
            predictedSeconds === null ? muted('no end') : `${short(predictedSeconds)} s`,
            measuredSeconds === null
              ? muted('not yet')
              : toned(
                  predictedSeconds !== null && measuredSeconds > 1.5 * predictedSeconds ? 'bad' : 'neutral',
                  `${short(measuredSeconds)} s`,
                ),
          ]),
        ),
    recovery.length === 0 ? '' : note('A recovery that takes half as long again as predicted, or more, is red.'),
  ]
    .filter((part) => part !== '')
    .join('\n');
};
