import { escape } from './escape';
import { fixed, linear, logarithmic, logTicks, roundTicks, type Scale, timeTicks } from './svg';

type Point = readonly [at: number, value: number];

/** Colours are classes, so that the page has them for light, dark and paper. */
export type Ink = 'calm' | 'amber' | 'bad' | 'violet' | 'soft';

export type PlotLine = { readonly name: string; readonly ink: Ink; readonly points: readonly Point[] };
/** A value that was promised, or must not be crossed. */
export type PlotLevel = { readonly value: number; readonly ink: Ink; readonly name: string };
/** Something that went on, or (without an end) that happened. */
export type PlotEvent = { readonly from: number; readonly to?: number; readonly ink: Ink; readonly title: string };

export type Plot = {
  /** What it shows, for who cannot see it. */
  readonly label: string;
  readonly from: number;
  readonly to: number;
  /** Between neighbours; where more is missing there is a gap, and it is drawn as one. */
  readonly step: number;
  readonly scale: 'linear' | 'log';
  readonly range?: readonly [low: number, high: number];
  readonly format: (value: number) => string;
  /** Along the time; moments in UTC, if none are given. */
  readonly ticks?: readonly { readonly at: number; readonly text: string }[];
  /** The axis has round numbers of these: 1024³ for GiB. */
  readonly unit?: number;
  readonly lines: readonly PlotLine[];
  readonly levels?: readonly PlotLevel[];
  readonly events?: readonly PlotEvent[];
  /** A dot at each value: where few were measured. */
  readonly isDotted?: boolean;
  /** What is along each axis, where a page does not say it around the picture. */
  readonly axes?: { readonly x: string; readonly y: string };
};

const WIDTH = 960;
const LEFT = 62;
const RIGHT = WIDTH - 104;
const TOP = 12;
const BOTTOM = 172;
const HEIGHT = BOTTOM + 26;
/** For the names of axes, above and below. */
const HEAD = 22;
const FOOT = 18;

/** Lines over time, or over what the ticks say. The same input gives the same text. */
export const plot = (input: Plot): string => {
  const { from, to, label, axes, isDotted = false } = input;
  const right = rightOf(input);
  const x = linear(from, to, LEFT, right);
  const { y, ticks } = heights(input);
  const frame = axes === undefined ? `0 0 ${WIDTH} ${HEIGHT}` : `0 ${-HEAD} ${WIDTH} ${HEAD + HEIGHT + FOOT}`;
  return [
    `<svg viewBox="${frame}" role="img" aria-label="${escape(label)}">`,
    ...gapsOf(input).map(
      ([a, b]) => `<rect class="gap" ${box(x(a), TOP, x(b) - x(a), BOTTOM - TOP)}><title>no data</title></rect>`,
    ),
    ...ticks.flatMap((tick) => [
      `<line class="grid" x1="${LEFT}" x2="${fixed(right)}" y1="${fixed(y(tick))}" y2="${fixed(y(tick))}"/>`,
      `<text x="${LEFT - 8}" y="${fixed(y(tick) + 4)}" text-anchor="end">${escape(input.format(tick))}</text>`,
    ]),
    ...(input.ticks ?? timeTicks(from, to)).flatMap(({ at, text }) => [
      `<line class="tick" x1="${fixed(x(at))}" x2="${fixed(x(at))}" y1="${BOTTOM}" y2="${BOTTOM + 5}"/>`,
      `<text x="${fixed(x(at))}" y="${BOTTOM + 19}" text-anchor="middle">${text}</text>`,
    ]),
    ...(input.events ?? []).map((event) => eventOf(event, input, x)),
    ...(input.levels ?? []).map(
      ({ value, ink }) =>
        `<line class="level ${ink}" x1="${LEFT}" x2="${fixed(right)}" y1="${fixed(y(value))}" y2="${fixed(y(value))}"/>`,
    ),
    ...input.lines.map(({ points, ink }) => `<path class="line ${ink}" d="${pathOf(points, input.step, x, y)}"/>`),
    ...(isDotted ? input.lines.flatMap((line) => dotsOf(line, input, x, y)) : []),
    ...labelsOf(input, y, right),
    ...(axes === undefined
      ? []
      : [
          `<text x="8" y="${-HEAD + 14}">${escape(axes.y)}</text>`,
          `<text x="${fixed(right)}" y="${HEIGHT + FOOT - 6}" text-anchor="end">${escape(axes.x)}</text>`,
        ]),
    '</svg>',
  ].join('\n');
};

/** With room for the longest name at the end of its line. */
const rightOf = ({ axes, lines }: Plot): number =>
  axes === undefined
    ? RIGHT
    : Math.max(WIDTH / 2, Math.min(RIGHT, WIDTH - 16 - LETTER * Math.max(0, ...lines.map(({ name }) => name.length))));

const dotsOf = ({ points, ink, name }: PlotLine, { format }: Plot, x: Scale, y: Scale): string[] =>
  points.map(
    ([at, value]) =>
      `<circle class="dot ${ink}" cx="${fixed(x(at))}" cy="${fixed(y(value))}" r="3.5"><title>${escape(`${name}: ${format(value)}`)}</title></circle>`,
  );

const box = (x: number, y: number, width: number, height: number): string =>
  `x="${fixed(x)}" y="${fixed(y)}" width="${fixed(Math.max(1, width))}" height="${fixed(height)}"`;

const heights = ({ scale, range, lines, levels = [], unit = 1 }: Plot): { y: Scale; ticks: readonly number[] } => {
  const values = [
    ...lines.flatMap(({ points }) => points.map(([, value]) => value)),
    ...levels.map(({ value }) => value),
  ];
  if (scale === 'log') {
    const positive = values.filter((value) => value > 0);
    const [low, high] = [Math.min(...positive) * 0.8, Math.max(...positive) * 1.25];
    return { y: logarithmic(low, high, BOTTOM, TOP), ticks: logTicks(low, high) };
  }
  const [low, most] = range ?? [0, Math.max(0, ...values)];
  const ticks = roundTicks(low / unit, most / unit).map((tick) => tick * unit);
  const high = ticks.at(-1) ?? most;
  return { y: linear(low, high, BOTTOM, TOP), ticks };
};

/** With a gap where there is no value. */
const pathOf = (points: readonly Point[], step: number, x: Scale, y: Scale): string =>
  points
    .map(([at, value], i) => {
      const before = points[i - 1]?.[0] ?? -Infinity;
      const after = points[i + 1]?.[0] ?? Infinity;
      const begins = at - before > 1.5 * step;
      // A value all by itself is a dot.
      const alone = begins && after - at > 1.5 * step ? 'h.1' : '';
      return `${begins ? 'M' : 'L'}${fixed(x(at))} ${fixed(y(value))}${alone}`;
    })
    .join('');

/** Where no line has a value. */
export const gapsOf = ({ from, to, step, lines }: Pick<Plot, 'from' | 'to' | 'step' | 'lines'>): readonly Point[] => {
  const there = [...new Set(lines.flatMap(({ points }) => points.map(([at]) => at)))].sort((a, b) => a - b);
  const edges = [from, ...there, to + step / 2];
  return edges.flatMap((at, i): Point[] => {
    const next = edges[i + 1];
    return next === undefined || next - at <= 1.5 * step ? [] : [[at, Math.min(next, to)]];
  });
};

const eventOf = ({ from, to, ink, title }: PlotEvent, plotted: Plot, x: Scale): string => {
  const [a, b] = [Math.max(from, plotted.from), Math.min(to ?? from, plotted.to)];
  return to === undefined
    ? `<line class="event ${ink}" x1="${fixed(x(a))}" x2="${fixed(x(a))}" y1="${TOP}" y2="${BOTTOM}"><title>${escape(title)}</title></line>`
    : `<rect class="event ${ink}" ${box(x(a), TOP, x(b) - x(a), BOTTOM - TOP)}><title>${escape(title)}</title></rect>`;
};

const LINE_HEIGHT = 14;
/** About as wide as a letter is, in names. */
const LETTER = 6.4;

/** Names at the right, each where its line ends, moved apart where they would lie on each other. */
const labelsOf = ({ lines, levels = [] }: Plot, y: Scale, right: number): string[] => {
  const wanted = [
    ...lines.flatMap(({ name, ink, points }) => {
      const last = points.at(-1)?.[1];
      return last === undefined ? [] : [{ name, ink, at: y(last) }];
    }),
    ...levels.flatMap(({ name, ink, value }) => (name === '' ? [] : [{ name, ink, at: y(value) }])),
  ].sort((a, b) => a.at - b.at);
  let before = -Infinity;
  return wanted.map(({ name, ink, at }) => {
    const place = Math.max(at, before + LINE_HEIGHT);
    before = place;
    return `<text class="at-line ${ink}" x="${fixed(right + 8)}" y="${fixed(place + 4)}">${escape(name)}</text>`;
  });
};

/** Shapes of this class, each in its ink. */
export const filled = (shape: string): string =>
  (['calm', 'amber', 'bad', 'violet', 'soft'] satisfies Ink[])
    .map((ink) => `svg .${shape}.${ink} { fill: var(--${ink}) }\n`)
    .join('');

/** What plots add to the sheet of all pages. */
export const plotStyles = `
svg .grid { stroke: var(--line); stroke-width: .6 } svg .gap { fill: var(--gap) }
svg .line { fill: none; stroke-width: 1.8; stroke-linejoin: round; stroke-linecap: round }
svg .level { stroke-dasharray: 5 4 }
svg .line.calm, svg .level.calm, svg line.event.calm { stroke: var(--calm) } svg .line.amber, svg .level.amber, svg line.event.amber { stroke: var(--amber) }
svg .line.bad, svg .level.bad, svg line.event.bad { stroke: var(--bad) } svg .line.violet, svg .level.violet, svg line.event.violet { stroke: var(--violet) }
svg .line.soft, svg .level.soft, svg line.event.soft { stroke: var(--soft) }
svg rect.event { opacity: .16 } svg rect.event.bad { fill: var(--bad) } svg rect.event.amber { fill: var(--amber) }
svg rect.event.violet { fill: var(--violet) } svg rect.event.calm { fill: var(--calm) } svg rect.event.soft { fill: var(--soft) }
svg .at-line { font-size: 11.5px } svg .at-line.calm { fill: var(--calm) } svg .at-line.amber { fill: var(--warn) }
svg .at-line.bad { fill: var(--bad) } svg .at-line.violet { fill: var(--violet) } svg .at-line.soft { fill: var(--soft) }
`;

/** What lines with dots add to that. */
export const dotStyles = filled('dot');
