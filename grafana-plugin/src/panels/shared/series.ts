import { type DataFrame, type Field, FieldType, type Labels } from '@grafana/data';

/** Values over time under some labels, whichever shape the frame has that they come in. Absent values are left out. */
export type LabelledSeries = {
  readonly labels: Labels;
  readonly name: string;
  /** Milliseconds since the epoch. */
  readonly times: readonly number[];
  readonly values: readonly number[];
};

const isKnown = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);

/** Time series, one field each, labels with the field. */
const fromWide = (frame: DataFrame, time: Field): readonly LabelledSeries[] =>
  frame.fields
    .filter(({ type }) => type === FieldType.number)
    .map((field) => {
      const known = [...field.values.keys()].filter((i) => isKnown(field.values[i]));
      return {
        labels: field.labels ?? {},
        name: field.labels?.__name__ ?? field.config.displayNameFromDS ?? frame.name ?? field.name,
        times: known.map((i) => Number(time.values[i])),
        values: known.map((i) => Number(field.values[i])),
      };
    });

/** A table: labels in columns of their own, as an instant query in the format "table" has them. */
const fromLong = (frame: DataFrame, time: Field | undefined): readonly LabelledSeries[] => {
  const strings = frame.fields.filter(({ type }) => type === FieldType.string);
  const numbers = frame.fields.filter(({ type }) => type === FieldType.number);
  const found = new Map<string, LabelledSeries & { readonly times: number[]; readonly values: number[] }>();
  for (const field of numbers) {
    for (let i = 0; i < frame.length; i++) {
      const value: unknown = field.values[i];
      if (!isKnown(value)) continue;
      const labels = {
        ...field.labels,
        ...Object.fromEntries(strings.map((one) => [one.name, String(one.values[i])])),
      };
      const key = `${field.name} ${JSON.stringify(labels)}`;
      const name = labels.__name__ ?? frame.name ?? field.name;
      const series = found.get(key) ?? { labels, name, times: [], values: [] };
      series.times.push(time === undefined ? i : Number(time.values[i]));
      series.values.push(value);
      found.set(key, series);
    }
  }
  return [...found.values()];
};

export const labelledSeries = (frames: readonly DataFrame[]): readonly LabelledSeries[] =>
  frames.flatMap((frame) => {
    const time = frame.fields.find(({ type }) => type === FieldType.time);
    const hasStrings = frame.fields.some(({ type }) => type === FieldType.string);
    return time === undefined || hasStrings ? fromLong(frame, time) : fromWide(frame, time);
  });

export const lastOf = ({ values }: LabelledSeries): number | null => values.at(-1) ?? null;
export const firstOf = ({ values }: LabelledSeries): number | null => values[0] ?? null;
