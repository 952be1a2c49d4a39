import type { Report, StatementOfReport } from '../model';
import { changeText, latencyText, percentText, placeText, short, timeText } from '../words';
import { ABSENT, code, type Markup, markup, muted, note, section, table, toned } from './elements';

const MOST_TEXT = 240;

export const statementsSection = ({ statements }: Report): string => {
  if (statements === null) return '';
  const { top, slower, totalSeconds, previousTotalSeconds } = statements;
  const columns = [
    { name: 'Statement' },
    { name: 'Database' },
    { name: 'Time', right: true },
    { name: 'Share', right: true },
    { name: 'Calls', right: true },
    { name: 'Mean', right: true },
    { name: 'Before', right: true },
    { name: 'Change', right: true },
  ];
  return section(
    'statements',
    'Statements',
    note(
      `Executor time of all statements: ${timeText(totalSeconds)}${previousTotalSeconds === null ? '' : ` (${changeText(totalSeconds, previousTotalSeconds)})`}. Those that took most of it:`,
    ),
    table(
      columns,
      top.map((one) => rowOf(one)),
    ),
    '<h3>Slower than in the period before</h3>',
    slower.length === 0
      ? note('None by a third or more, of those called a hundred times in both periods.')
      : table(
          [...columns.slice(0, 7), { name: 'Slower', right: true }, { name: 'That cost', right: true }],
          slower.map((one) => [...rowOf(one).slice(0, 7), factor(one), timeText(one.lostSeconds)]),
        ),
  );
};

const rowOf = (one: StatementOfReport): (string | Markup)[] => [
  textOf(one),
  placeText(one),
  timeText(one.seconds),
  Number.isFinite(one.timeShare) ? percentText(one.timeShare) : muted(ABSENT),
  short(Math.round(one.calls)),
  latencyText(one.meanSeconds),
  one.previousMeanSeconds === null ? muted('new') : latencyText(one.previousMeanSeconds),
  one.ratio === null || one.previousMeanSeconds === null
    ? muted(ABSENT)
    : toned(one.ratio >= 1.3 ? 'bad' : 'neutral', changeText(one.meanSeconds, one.previousMeanSeconds)),
];

const factor = ({ ratio }: StatementOfReport): Markup =>
  toned((ratio ?? 1) >= 2 ? 'bad' : 'neutral', `×${short(ratio ?? 1)}`);

const textOf = ({ text, queryid, queryType }: StatementOfReport): Markup => {
  const name = `${queryType} ${queryid}`;
  if (text === null) return markup(code(name).html);
  return markup(`${code(text.length > MOST_TEXT ? `${text.slice(0, MOST_TEXT)}…` : text).html}${muted(name).html}`);
};
