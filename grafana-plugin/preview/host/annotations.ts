import { type AnnotationEvent, type DataFrame, FieldType } from '@grafana/data';

/** What an annotation of a dashboard says of its query to Prometheus. */
export type Marks = {
  readonly expr: string;
  readonly step?: string;
  readonly titleFormat?: string;
  readonly tagKeys?: string;
  /** The value itself is the time, in milliseconds. */
  readonly useValueForTime?: boolean;
};

/** As Grafana's Prometheus data source marks them: at each time that is a value, or wherever there is one above zero. */
export const eventsOf = (
  { titleFormat = '', tagKeys = '', useValueForTime }: Marks,
  frames: readonly DataFrame[],
): AnnotationEvent[] =>
  frames.flatMap((frame) => {
    const value = frame.fields.find(({ type }) => type === FieldType.number);
    const time = frame.fields.find(({ type }) => type === FieldType.time);
    if (value === undefined || time === undefined) return [];
    const labels = value.labels ?? {};
    const times = (
      useValueForTime === true ? value.values : time.values.filter((_, i) => Number(value.values[i]) > 0)
    ) as number[];
    return [...new Set(times.filter((at) => at > 0))].map((at) => ({
      time: at,
      title: titleFormat.replaceAll(/{{\s*(\w+)\s*}}/g, (_, label: string) => labels[label] ?? ''),
      tags: tagKeys.split(',').flatMap((key) => labels[key.trim()] ?? []),
    }));
  });
