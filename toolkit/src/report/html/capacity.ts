import type { CapacityItem, Report } from '../model';
import { bytesText, percentText } from '../words';
import { ABSENT, figure, muted, note, section, table, toned } from './elements';
import { capacityPlot } from './plots';

const PICTURED = 4;

export const capacitySection = ({ capacity }: Report): string => {
  if (capacity.length === 0) return '';
  return section(
    'capacity',
    'Capacity',
    note(
      'One value a day, of four weeks at most. A trend is the median of all slopes (Theil and Sen), told with its 95 % bounds, and only where it is sure (Mann and Kendall, p < 0.01).',
    ),
    table(
      [
        { name: 'What' },
        { name: 'Where' },
        { name: 'Now', right: true },
        { name: 'Of', right: true },
        { name: 'Trend' },
      ],
      capacity.map(row),
    ),
    ...capacity
      .filter(({ perDay, exhaustedInDays }) => perDay !== null && exhaustedInDays !== null)
      .slice(0, PICTURED)
      .map((item) => figure(capacityPlot(item), `${item.what}, ${item.where}: ${item.sentence}`)),
  );
};

const row = ({ what, where, unit, now, limit, sentence, tone }: CapacityItem) => [
  what,
  where,
  unit === 'bytes' ? bytesText(now) : percentText(now),
  limit === null || unit === 'ratio' ? muted(ABSENT) : bytesText(limit),
  tone === 'bad' ? toned('bad', sentence) : sentence,
];
