import type { DrillRun } from '@submilli/core';
import { escape } from '../../page/escape';
import { fixed } from '../../page/svg';

/**
 * One run as a picture: above, how many writes of each path were acknowledged in each tenth of a second, and which
 * failed; below, what each member was by its own account. Colours are classes, so that the page has them for light and
 * dark. The same run gives the same text.
 */
const WIDTH = 960;
const LEFT = 118;
const RIGHT = WIDTH - 16;
const LANE = 54;
const STRIP = 20;
const GAP = 14;
const TOP = 34;
/** A lane is full at this many writes in a bin: a catch-up after a stall may have more, and is cut off. */
const HEADROOM = 1.25;

export const picture = (run: DrillRun, everySeconds: number): string => {
  const { timeline, lastsSeconds, fault } = run;
  const x = (seconds: number): number => LEFT + (seconds / lastsSeconds) * (RIGHT - LEFT);
  const full = (timeline.binSeconds / everySeconds) * HEADROOM;
  const lanesEnd = TOP + timeline.paths.length * (LANE + GAP);
  const stripsEnd = lanesEnd + timeline.members.length * (STRIP + 6);
  const height = stripsEnd + 34;
  return [
    `<svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${escape(fault.what)}">`,
    ...band(x, 'fault', fault.from, fault.to ?? fault.from, TOP - 4, stripsEnd, `fault: ${fault.what}`),
    ...run.splitBrain.flatMap(({ from, to, members }) =>
      band(x, 'split', from, to, TOP - 4, stripsEnd, `split brain: ${members.join(' and ')}`),
    ),
    ...timeline.paths.flatMap((lane, i) => laneOf(lane, TOP + i * (LANE + GAP), timeline.binSeconds, full, x)),
    ...timeline.members.flatMap((member, i) => stripOf(member, lanesEnd + i * (STRIP + 6), x)),
    ...axis(lastsSeconds, fault.from, stripsEnd, x),
    ...faultMark(x(fault.from), stripsEnd),
    '</svg>',
  ].join('\n');
};

const band = (
  x: (seconds: number) => number,
  name: string,
  from: number,
  to: number,
  top: number,
  bottom: number,
  title: string,
): string[] => [
  `<rect class="${name}" x="${fixed(x(from))}" y="${top}" width="${fixed(Math.max(1, x(to) - x(from)))}" height="${fixed(bottom - top)}"><title>${escape(title)}</title></rect>`,
];

const faultMark = (at: number, bottom: number): string[] => [
  `<line class="mark" x1="${fixed(at)}" x2="${fixed(at)}" y1="${TOP - 8}" y2="${fixed(bottom)}"/>`,
  `<text class="label" x="${fixed(at + 4)}" y="${TOP - 10}">fault</text>`,
];

const laneOf = (
  { path, acknowledged, failed, lost }: DrillRun['timeline']['paths'][number],
  top: number,
  binSeconds: number,
  full: number,
  x: (seconds: number) => number,
): string[] => {
  const bottom = top + LANE;
  const y = (count: number): number => bottom - Math.min(1, count / full) * LANE;
  const outline = acknowledged.map(
    (count, i) =>
      `L${fixed(x(i * binSeconds))} ${fixed(y(count))}L${fixed(x((i + 1) * binSeconds))} ${fixed(y(count))}`,
  );
  const end = x(acknowledged.length * binSeconds);
  const marks = (counts: readonly number[], name: string, what: string): string[] =>
    counts.flatMap((count, i) =>
      count === 0
        ? []
        : [
            `<rect class="${name}" x="${fixed(x(i * binSeconds))}" y="${fixed(bottom - 5)}" width="${fixed(Math.max(1.5, x(binSeconds) - x(0)))}" height="5"><title>${count} ${what} at ${fixed(i * binSeconds)} s</title></rect>`,
          ],
    );
  return [
    `<text class="name" x="${LEFT - 10}" y="${top + LANE / 2 + 4}" text-anchor="end">${escape(path)}</text>`,
    `<line class="base" x1="${LEFT}" x2="${RIGHT}" y1="${bottom}" y2="${bottom}"/>`,
    `<path class="writes" d="M${fixed(x(0))} ${bottom}${outline.join('')}L${fixed(end)} ${bottom}Z"/>`,
    ...marks(failed, 'failed', 'failed'),
    ...marks(lost, 'lost', 'acknowledged and lost'),
  ];
};

const stripOf = (
  { name, segments }: DrillRun['timeline']['members'][number],
  top: number,
  x: (seconds: number) => number,
): string[] => [
  `<text class="name" x="${LEFT - 10}" y="${top + STRIP / 2 + 4}" text-anchor="end">${escape(name)}</text>`,
  ...segments.flatMap(({ from, to, role, timeline }) => {
    const width = x(to) - x(from);
    const words = timeline === null ? role : `${role}, timeline ${timeline}`;
    return [
      `<rect class="${role}" x="${fixed(x(from))}" y="${top}" width="${fixed(Math.max(0.5, width))}" height="${STRIP}"><title>${escape(`${name}: ${words}, ${from.toFixed(2)} to ${to.toFixed(2)} s`)}</title></rect>`,
      ...(width > words.length * 6.2
        ? [`<text class="on ${role}-text" x="${fixed(x(from) + 6)}" y="${top + 14}">${escape(words)}</text>`]
        : []),
    ];
  }),
];

/** Seconds since the fault. */
const axis = (lasts: number, fault: number, top: number, x: (seconds: number) => number): string[] => {
  const step = [1, 2, 5, 10, 20, 30, 60].find((each) => lasts / each <= 16) ?? 120;
  const ticks: string[] = [];
  for (let at = Math.ceil(-fault / step) * step; at + fault <= lasts; at += step) {
    ticks.push(
      `<line class="tick" x1="${fixed(x(at + fault))}" x2="${fixed(x(at + fault))}" y1="${fixed(top)}" y2="${fixed(top + 5)}"/>`,
      `<text class="label" x="${fixed(x(at + fault))}" y="${fixed(top + 18)}" text-anchor="middle">${at}${at === 0 ? ' s' : ''}</text>`,
    );
  }
  return ticks;
};
