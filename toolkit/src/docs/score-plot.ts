import { type Capture, type Moment, signals, type SignalName } from '@submilli/database';

/** Mid tones that can be read on a white page and on a dark one; the background is the page's own. */
const INK = '#7a828c';
const FAINT = '#8b949e44';
const SCORE = '#2f81f7';
const NOW = '#d29922';
const SIGNAL = '#8957e5';
const WARNING = '#d29922';
const CRITICAL = '#e5534b';

const WIDTH = 820;
const LEFT = 58;
const RIGHT = 700;
const TOP = { from: 44, to: 214 };
const BOTTOM = { from: 262, to: 362 };
const HEIGHT = 400;

type Panel = { readonly from: number; readonly to: number };
type Point = readonly [at: number, value: number | null];

/** The score through a recorded incident, and below it the signal that moved it. The same input gives the same text. */
export const scorePlot = (capture: Capture, moments: readonly Moment[]): string => {
  const begins = capture.events[0]?.at ?? 0;
  const first = moments[0]?.at ?? 0;
  const last = moments.at(-1)?.at ?? 1;
  const x = (at: number): number => LEFT + ((at - first) / (last - first)) * (RIGHT - LEFT);
  const signal = drivingSignal(moments);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="system-ui, sans-serif" font-size="12" role="img">`,
    `<title>${escaped(capture.title)}</title>`,
    ...capture.events.flatMap(({ at, what }) => eventMark(x(at), what)),
    ...scorePanel(moments, x),
    ...(signal === undefined ? [] : signalPanel(signal, moments, x)),
    ...timeAxis(first, last, begins, x),
    '</svg>',
    '',
  ].join('\n');
};

/** The signal that most often gave the worst component its points. */
export const drivingSignal = (moments: readonly Moment[]): SignalName | undefined => {
  const counts = new Map<SignalName, number>();
  for (const { score } of moments) {
    const worst = score?.components.find(({ component }) => component === score.worst);
    const check = worst?.checks.find(({ points }) => points !== null && points === worst.points);
    if (check !== undefined) counts.set(check.signal, (counts.get(check.signal) ?? 0) + 1);
  }
  return [...counts].sort(([, a], [, b]) => b - a)[0]?.[0];
};

const scorePanel = (moments: readonly Moment[], x: (at: number) => number): string[] => {
  const y = scale(TOP, 0, 100);
  return [
    ...[0, 25, 50, 75, 100].flatMap((value) => gridLine(y(value), String(value))),
    heading(TOP, 'health score'),
    line(
      pointsOf(moments, ({ score }) => score?.now ?? null),
      x,
      y,
      `stroke="${NOW}" stroke-width="1.5" stroke-dasharray="4 3"`,
    ),
    line(
      pointsOf(moments, ({ score }) => score?.value ?? null),
      x,
      y,
      `stroke="${SCORE}" stroke-width="2.5"`,
    ),
    ...legend(TOP.from + 6, SCORE, '', 'published'),
    ...legend(TOP.from + 26, NOW, 'stroke-dasharray="4 3"', 'as of now'),
  ];
};

const signalPanel = (name: SignalName, moments: readonly Moment[], x: (at: number) => number): string[] => {
  const points = pointsOf(moments, ({ score }) => {
    const value = score?.signals[name];
    return typeof value === 'number' ? value : null;
  });
  const check = moments
    .flatMap(({ score }) => score?.components.flatMap(({ checks }) => checks) ?? [])
    .find((candidate) => candidate.signal === name);
  if (check === undefined) return [];
  const values = points.flatMap(([, value]) => value ?? []);
  const [low, high] = rangeOf(
    [...values, check.warning, check.critical],
    signals[name].unit === '%' && check.warning > check.critical,
  );
  const y = scale(BOTTOM, low, high);
  const threshold = (value: number, colour: string, dash: string): string =>
    `<line x1="${LEFT}" x2="${RIGHT}" y1="${fixed(y(value))}" y2="${fixed(y(value))}" stroke="${colour}" stroke-dasharray="${dash}"/>`;
  return [
    ...[low, (low + high) / 2, high].flatMap((value) => gridLine(y(value), short(value))),
    heading(BOTTOM, `${name.replaceAll('_', ' ')}, ${signals[name].unit}`),
    threshold(check.warning, WARNING, '2 4'),
    threshold(check.critical, CRITICAL, '2 4'),
    line(points, x, y, `stroke="${SIGNAL}" stroke-width="2"`),
    ...legend(BOTTOM.from + 6, SIGNAL, '', 'measured'),
    ...legend(BOTTOM.from + 26, WARNING, 'stroke-dasharray="2 4"', `warning ${short(check.warning)}`),
    ...legend(BOTTOM.from + 46, CRITICAL, 'stroke-dasharray="2 4"', `critical ${short(check.critical)}`),
  ];
};

/** From 0 (or, of a ratio that is bad when low, from a round number below it) to a round number above all values. */
const rangeOf = (values: readonly number[], falling: boolean): readonly [number, number] => {
  if (falling) return [Math.max(0, Math.floor(Math.min(...values) / 10) * 10 - 10), 100];
  const most = Math.max(...values);
  const step = 10 ** Math.floor(Math.log10(most));
  const round = [1, 1.5, 2, 3, 4, 5, 6, 8, 10].find((factor) => factor * step >= most) ?? 10;
  return [0, round * step];
};

const scale =
  ({ from, to }: Panel, low: number, high: number) =>
  (value: number): number =>
    to - ((value - low) / (high - low)) * (to - from);

const pointsOf = (moments: readonly Moment[], value: (moment: Moment) => number | null): readonly Point[] =>
  moments.map((moment) => [moment.at, value(moment)]);

/** With a gap where there is no value. */
const line = (
  points: readonly Point[],
  x: (at: number) => number,
  y: (value: number) => number,
  style: string,
): string => {
  let pen = 'M';
  const path = points.map(([at, value]) => {
    const command = value === null ? '' : `${pen}${fixed(x(at))} ${fixed(y(value))}`;
    pen = value === null ? 'M' : 'L';
    return command;
  });
  return `<path d="${path.join('')}" fill="none" stroke-linejoin="round" ${style}/>`;
};

/** A line through both panels, not through what stands between them. */
const eventMark = (x: number, what: string): string[] => [
  ...[{ from: 26, to: TOP.to }, BOTTOM].map(
    ({ from, to }) => `<line x1="${fixed(x)}" x2="${fixed(x)}" y1="${from}" y2="${to}" stroke="${INK}"/>`,
  ),
  text(x + 5, 32, what),
];

const timeAxis = (first: number, last: number, begins: number, x: (at: number) => number): string[] => {
  const ticks: string[] = [];
  for (let at = Math.ceil((first - begins) / 30) * 30; at <= last - begins; at += 30) {
    ticks.push(text(x(at + begins), BOTTOM.to + 18, String(at), 'middle'));
  }
  return [...ticks, text(RIGHT + 18, BOTTOM.to + 18, 'seconds')];
};

const gridLine = (y: number, label: string): string[] => [
  `<line x1="${LEFT}" x2="${RIGHT}" y1="${fixed(y)}" y2="${fixed(y)}" stroke="${FAINT}"/>`,
  text(LEFT - 8, y + 4, label, 'end'),
];

const heading = ({ from }: Panel, what: string): string =>
  text(LEFT, from - 28 + (from === BOTTOM.from ? 14 : 0), what);

const legend = (y: number, colour: string, style: string, what: string): string[] => [
  `<line x1="${RIGHT + 18}" x2="${RIGHT + 38}" y1="${y}" y2="${y}" stroke="${colour}" stroke-width="2" ${style}/>`,
  text(RIGHT + 44, y + 4, what),
];

const text = (x: number, y: number, what: string, anchor = 'start'): string =>
  `<text x="${fixed(x)}" y="${fixed(y)}" fill="${INK}" text-anchor="${anchor}">${escaped(what)}</text>`;

const fixed = (value: number): string => String(Math.round(value * 10) / 10);
const short = (value: number): string => String(+value.toPrecision(3));
const escaped = (what: string): string => what.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
