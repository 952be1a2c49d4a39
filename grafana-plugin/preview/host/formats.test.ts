import { DataFrameType, FieldType, toDataFrame } from '@grafana/data';
import { eventsOf } from './annotations';
import { inFormats } from './formats';
import { spansOf } from './panels/spans';

const series = (refId: string, labels: Record<string, string>, values: readonly number[], times = [1000, 2000]) =>
  toDataFrame({
    refId,
    fields: [
      { name: 'Time', type: FieldType.time, values: times.slice(0, values.length) },
      { name: 'Value', type: FieldType.number, labels, values: [...values] },
    ],
  });
const columns = (frame: ReturnType<typeof inFormats>[number] | undefined) =>
  Object.fromEntries(frame?.fields.map(({ name, values }) => [name, values as unknown]) ?? []);

describe('series in the format of their query', () => {
  it('“table” are rows with labels in columns, the value named by its query where there are several', () => {
    const frames = [series('a', { db: 'x' }, [1]), series('a', { kind: 'y' }, [2]), series('b', { db: 'x' }, [3])];
    const [one] = inFormats(frames, [{ refId: 'a', format: 'table' }]);
    expect(columns(one)).toEqual({ Time: [1000, 1000], db: ['x', ''], kind: ['', 'y'], Value: [1, 2] });
    const both = inFormats(frames, [
      { refId: 'a', format: 'table' },
      { refId: 'b', format: 'table' },
    ]);
    expect(both.map((frame) => frame.fields.at(-1)?.name)).toEqual(['Value #a', 'Value #b']);
  });

  it('“heatmap” are what lies in each bucket alone, lowest first, at the times of all', () => {
    const frames = [
      series('a', { le: '+Inf' }, [5, 9]),
      series('a', { le: '0.1' }, [1, 4]),
      series('a', { le: '0.01' }, [1], [2000]),
    ];
    const [frame] = inFormats(frames, [{ refId: 'a', format: 'heatmap' }]);
    expect(frame?.meta?.type).toBe(DataFrameType.HeatmapRows);
    expect(columns(frame)).toEqual({ Time: [1000, 2000], '0.01': [0, 1], '0.1': [1, 3], '+Inf': [4, 5] });
    expect(Object.keys(columns(frame))).toEqual(['Time', '0.01', '0.1', '+Inf']);
  });

  it('without one are as they came, and of a query without an answer there is nothing', () => {
    const frames = [series('a', {}, [1, 2])];
    expect(inFormats(frames, [{ refId: 'a' }, { refId: 'b', format: 'table' }])).toEqual(frames);
  });
});

describe('an annotation', () => {
  const frames = [series('Anno', { cluster: 'c' }, [0, 5000], [1000, 2000]), series('Anno', {}, [5000, 7000])];

  it('is at each time that is a value, once, with its labels in its title', () => {
    const marks = { expr: 'x', useValueForTime: true, titleFormat: 'Promotion in {{cluster}}', tagKeys: 'cluster' };
    expect(eventsOf(marks, frames)).toEqual([
      { time: 5000, title: 'Promotion in c', tags: ['c'] },
      { time: 5000, title: 'Promotion in ', tags: [] },
      { time: 7000, title: 'Promotion in ', tags: [] },
    ]);
  });

  it('is else wherever there is a value above zero', () => {
    expect(eventsOf({ expr: 'x' }, frames).map(({ time }) => time)).toEqual([2000, 1000, 2000]);
  });
});

describe('a state over time', () => {
  it('is one span for as long as it stays, and nothing where it is not known', () => {
    expect(spansOf([0, 10, 20, 30, 60, 70], [1, 1, 2, null, 2, 2], 75)).toEqual([
      { from: 0, to: 20, value: 1 },
      { from: 20, to: 30, value: 2 },
      { from: 60, to: 75, value: 2 },
    ]);
  });
});
