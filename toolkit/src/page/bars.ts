import { escape } from './escape';
import { filled, type Ink } from './plot';
import { fixed, linear, logarithmic, logTicks, roundTicks, type Scale } from './svg';

/** A heading with one bar below it for each value. */
export type BarGroup = {
  readonly name: string;
  readonly bars: readonly { readonly name: string; readonly ink: Ink; readonly value: number }[];
};

export type Bars = {
  /** What it shows, for who cannot see it. */
  readonly label: string;
  /** What is along the axis. */
  readonly axis: string;
  readonly scale: 'linear' | 'log';
  readonly format: (value: number) => string;
  readonly groups: readonly BarGroup[];
};

const WIDTH = 960;
const RIGHT = WIDTH - 90;
const TOP = 30;
const LINE = 15;
const THICK = 13;
/** About as wide as a letter is. */
const LETTER = 6.6;
const LONGEST = 48;

type Row = {
  readonly kind: 'heading' | 'bar';
  readonly lines: readonly string[];
  readonly ink: Ink;
  readonly value: number;
};

/** Lying bars, so that names have room. The same input gives the same text. */
export const bars = (input: Bars): string => {
  const rows = input.groups.flatMap(rowsOf);
  const names = rows.filter(({ kind }) => kind === 'bar').flatMap(({ lines }) => lines);
  const left = 24 + LETTER * Math.max(4, ...names.map(({ length }) => length));
  const { x, ticks } = widths(input, left);
  let y = TOP;
  const drawn = rows.map((row) => {
    const top = y + (row.kind === 'heading' ? 10 : 3);
    y = top + LINE * row.lines.length;
    return row.kind === 'heading' ? headingOf(row, top) : barOf(row, top, left, x, input.format);
  });
  const bottom = y + 8;
  return [
    `<svg viewBox="0 0 ${WIDTH} ${fixed(bottom + 24)}" role="img" aria-label="${escape(input.label)}">`,
    `<text x="${RIGHT}" y="16" text-anchor="end">${escape(input.axis)}</text>`,
    ...ticks.flatMap((tick) => [
      `<line class="grid" x1="${fixed(x(tick))}" x2="${fixed(x(tick))}" y1="${TOP - 4}" y2="${fixed(bottom)}"/>`,
      `<text x="${fixed(x(tick))}" y="${fixed(bottom + 16)}" text-anchor="middle">${escape(input.format(tick))}</text>`,
    ]),
    ...drawn.flat(),
    '</svg>',
  ].join('\n');
};

/** One value needs no heading: it is named by its group. */
const rowsOf = ({ name, bars }: BarGroup): readonly Row[] => {
  const [only] = bars;
  if (only !== undefined && bars.length === 1 && only.name === '') {
    return [{ ...only, kind: 'bar', lines: wrapped(name) }];
  }
  const heading: Row = { kind: 'heading', lines: wrapped(name, 2 * LONGEST), ink: 'soft', value: 0 };
  return [heading, ...bars.map((bar): Row => ({ ...bar, kind: 'bar', lines: wrapped(bar.name) }))];
};

/** Between words. */
export const wrapped = (text: string, longest = LONGEST): readonly string[] =>
  text.split(' ').reduce<string[]>((lines, word) => {
    const last = lines.at(-1);
    return last === undefined || last.length + word.length + 1 > longest
      ? [...lines, word]
      : [...lines.slice(0, -1), `${last} ${word}`];
  }, []);

const widths = ({ scale, groups }: Bars, left: number): { x: Scale; ticks: readonly number[] } => {
  const values = groups.flatMap(({ bars }) => bars.map(({ value }) => value));
  const positive = values.filter((value) => value > 0);
  if (scale === 'log' && positive.length > 0) {
    // From a power of ten that is below all of them, so that the least has a bar.
    const low = 10 ** Math.floor(Math.log10(Math.min(...positive) * 0.8));
    const high = Math.max(...positive, low * 10);
    return { x: logarithmic(low, high, left, RIGHT), ticks: logTicks(low, high) };
  }
  const ticks = roundTicks(0, Math.max(0, ...values));
  return { x: linear(0, ticks.at(-1) ?? 1, left, RIGHT), ticks };
};

const headingOf = ({ lines }: Row, top: number): string[] =>
  lines.map((line, i) => `<text class="heading" x="8" y="${fixed(top + LINE * (i + 1) - 4)}">${escape(line)}</text>`);

const barOf = ({ lines, ink, value }: Row, top: number, left: number, x: Scale, format: Bars['format']): string[] => {
  const middle = top + (LINE * lines.length) / 2;
  const end = value > 0 ? Math.max(left + 1, x(value)) : left;
  return [
    ...lines.map(
      (line, i) =>
        `<text x="${fixed(left - 8)}" y="${fixed(top + LINE * (i + 1) - 4)}" text-anchor="end">${escape(line)}</text>`,
    ),
    ...(value > 0
      ? [
          `<rect class="bar ${ink}" x="${fixed(left)}" y="${fixed(middle - THICK / 2)}" width="${fixed(end - left)}" height="${THICK}"/>`,
        ]
      : []),
    `<text x="${fixed(end + 6)}" y="${fixed(middle + 4)}">${escape(format(value))}</text>`,
  ];
};

/** What bars add to the sheet of all pages. */
export const barStyles = `svg .heading { font-weight: 600 }
${filled('bar')}`;
