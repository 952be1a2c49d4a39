import type { AdviceOfReport, AdviceSection, Report } from '../model';
import { latencyText, momentText, plural, short, timeText } from '../words';
import { ABSENT, code, muted, note, section, table, toned } from './elements';

const RULES = 20;

export const adviceSection = ({ advice }: Report): string => {
  if (advice === null) return '';
  const { before, now, byRule, opened, closed } = advice;
  return section(
    'advice',
    'Advice',
    note(
      `${plural(now, 'recommendation')} ${now === 1 ? 'holds' : 'hold'} now${before === null ? '' : `, ${short(before)} at the beginning`}.`,
    ),
    byRule.length === 0
      ? ''
      : table(
          [
            { name: 'Rule' },
            { name: 'Severity' },
            { name: 'At the beginning', right: true },
            { name: 'Now', right: true },
          ],
          byRule
            .slice(0, RULES)
            .map((one) => [
              one.rule,
              one.severity,
              before === null ? muted(ABSENT) : short(one.before),
              short(one.now),
            ]),
        ),
    list('Opened', opened, 'Nothing new was advised.'),
    list('Closed', closed, 'Nothing that was advised was closed.'),
    savings(advice),
  );
};

const list = (title: string, all: readonly AdviceOfReport[] | null, none: string): string => {
  if (all === null) return '';
  if (all.length === 0) return `<h3>${title}</h3>${note(none)}`;
  const rows = all.map(({ title: what, target, severity, state, at, impact }) => [
    what,
    target,
    severity === 'critical' ? toned('bad', severity) : severity,
    state,
    momentText(at),
    impact ?? muted(ABSENT),
  ]);
  return `<h3>${title}</h3>${table([{ name: 'What' }, { name: 'Where' }, { name: 'Severity' }, { name: 'State' }, { name: 'When' }, { name: 'Impact' }], rows)}`;
};

const savings = ({ saved }: AdviceSection): string =>
  saved.length === 0
    ? ''
    : `<h3>What it saved</h3>${note('Of the statements that an advised index was for: their mean time before it was there and since.')}${table(
        [
          { name: 'Index' },
          { name: 'Database' },
          { name: 'Since' },
          { name: 'Mean before', right: true },
          { name: 'Since then', right: true },
          { name: 'Saved a day', right: true },
          { name: '' },
        ],
        saved.map(({ index, database, since, meanBefore, meanSince, secondsPerDay, verdict }) => [
          code(index),
          database,
          momentText(since),
          meanBefore === null ? muted(ABSENT) : latencyText(meanBefore),
          meanSince === null ? muted(ABSENT) : latencyText(meanSince),
          secondsPerDay === null
            ? muted(ABSENT)
            : secondsPerDay < 0
              ? toned('bad', `−${timeText(-secondsPerDay)}`)
              : timeText(secondsPerDay),
          verdict === 'regressed' ? toned('bad', verdict) : verdict,
        ]),
      )}`;
