import { DataFrameType, FieldType, getPanelDataSummary, LoadingState, toDataFrame } from '@grafana/data';
import { render, screen, within } from '@testing-library/react';
import bucketsCaptured from '../../../test/fixtures/buckets-prometheus-2.42.json';
import quantilesCaptured from '../../../test/fixtures/quantiles-prometheus-2.42.json';
import { asMatrix, heatmapRows, panelData, panelProps, table, timeSeries } from '../../../test/frames';
import { histogramOfAll } from '../../domain/latency/heatmap';
import { totalOf } from '../../domain/latency/histogram';
import { distributionOf, linesOf, timesOf, valuesOf } from './distribution';
import { LatencyDistributionPanel } from './LatencyDistributionPanel';
import { plugin } from './module';
import { DEFAULTS, type LatencyDistributionOptions } from './options';

const buckets = asMatrix(bucketsCaptured);
const quantiles = asMatrix(quantilesCaptured);
const draw = (data = panelData(timeSeries(buckets)), options: Partial<LatencyDistributionOptions> = {}) =>
  render(<LatencyDistributionPanel {...panelProps({ ...DEFAULTS, ...options }, data)} />);

describe('a distribution in frames', () => {
  it('is the same from series of buckets and from a heat map of them', () => {
    const fromSeries = distributionOf(timeSeries(buckets));
    const fromRows = distributionOf([heatmapRows(buckets)]);
    if (fromSeries?.kind !== 'buckets' || fromRows?.kind !== 'buckets') throw new Error('no buckets');
    expect(fromRows.heatmap.times).toEqual(fromSeries.heatmap.times);
    const [one, other] = [histogramOfAll(fromSeries.heatmap), histogramOfAll(fromRows.heatmap)];
    expect(totalOf(one)).toBeGreaterThan(1000);
    expect(totalOf(other)).toBeCloseTo(totalOf(one));
    expect(valuesOf(fromRows, [0.5, 0.99])).toEqual([
      ...valuesOf(fromSeries, [0.5, 0.99]).map(({ quantile, value }) => ({
        quantile,
        value: { low: value?.low, high: value?.high, seconds: expect.closeTo(value?.seconds ?? 0) as number },
      })),
    ]);
  });

  it('is read from cells with bounds of their own, as native histograms have them', () => {
    const cells = toDataFrame({
      meta: { type: DataFrameType.HeatmapCells },
      fields: [
        { name: 'xMax', type: FieldType.time, values: [1000, 1000, 2000] },
        { name: 'yMin', type: FieldType.number, values: [0.001, 0.002, 0.001] },
        { name: 'yMax', type: FieldType.number, values: [0.002, 0.004, 0.002] },
        { name: 'count', type: FieldType.number, values: [3, 1, 5] },
      ],
    });
    expect(distributionOf([cells])).toEqual({
      kind: 'buckets',
      heatmap: {
        times: [1000, 2000],
        rows: [
          { low: 0.001, high: 0.002, counts: [3, 5] },
          { low: 0.002, high: 0.004, counts: [1, 0] },
        ],
      },
    });
  });

  it('of quantiles has the slowest series of each, as quantiles cannot be averaged', () => {
    const series = (database: string, value: string) => ({
      ...{ metric: { quantile: '0.99', database }, values: [[1, value] as const] },
    });
    const found = distributionOf(timeSeries({ result: [series('a', '0.001'), series('b', '0.005')] }));
    expect(found === undefined ? [] : valuesOf(found, [0.99, 0.5])).toEqual([
      { quantile: 0.99, value: { seconds: 0.005, low: 0.005, high: 0.005 } },
      { quantile: 0.5, value: null },
    ]);
  });

  it('is read in milliseconds if that is what they are', () => {
    const result = [{ metric: { quantile: '0.5' }, values: [[1, '3'] as const] }];
    const found = distributionOf(timeSeries({ result }), 'ms');
    expect(found && valuesOf(found, [0.5])[0]?.value?.seconds).toBeCloseTo(0.003);
  });

  it('is found in a table and by a legend, and not in what is something else', () => {
    expect(distributionOf([table(quantiles)])?.kind).toBe('quantiles');
    const named = toDataFrame({
      fields: [
        { name: 'Time', type: FieldType.time, values: [1] },
        { name: 'Value', type: FieldType.number, values: [0.2], config: { displayNameFromDS: 'select P99.9' } },
      ],
    });
    const found = distributionOf([named]);
    expect(found && linesOf(found, [0.999])).toHaveLength(1);
    const up = timeSeries({ result: [{ metric: { __name__: 'up' }, values: [[1, '1']] }] });
    expect(distributionOf(up)).toBeUndefined();
    expect(distributionOf([])).toBeUndefined();
  });

  it('of real quantiles rises with them', () => {
    const found = distributionOf(timeSeries(quantiles));
    if (found === undefined) throw new Error('no quantiles');
    expect(timesOf(found).length).toBeGreaterThan(1);
    const values = valuesOf(found, [0.5, 0.9, 0.95]).map(({ value }) => value?.seconds ?? NaN);
    expect(values).toEqual(values.toSorted((a, b) => a - b));
  });
});

describe('the latency distribution panel', () => {
  it('draws buckets as a heat map that says in words what it shows', () => {
    draw();
    expect(screen.getByRole('img')).toHaveAccessibleName(/^Latency over time: half within .+, 99 % within .+/);
    expect(screen.getByTestId('cells').childElementCount).toBeGreaterThan(3);
    expect(screen.getByTestId('quantile-P99')).toHaveAttribute('d', expect.stringMatching(/^M/));
  });

  it('draws quantiles as lines, each with its name and its target', () => {
    draw(panelData(timeSeries(quantiles)));
    expect(screen.getByRole('img')).toHaveAccessibleName(/P50 .+, target 300 µs/);
    expect(screen.getByTestId('target-P99')).toBeInTheDocument();
  });

  it('lists values against targets, with the bounds that the buckets leave', () => {
    draw(undefined, { view: 'targets', targets: 'P50: 0.001 ms, P99.9: 10 s' });
    const verdict = (quantile: string) => within(screen.getByTestId(`target-row-${quantile}`));
    expect(verdict('P50').getByText(/missed/)).toBeInTheDocument();
    expect(verdict('P99.9').getByText(/^\s*met/)).toBeInTheDocument();
    expect(verdict('P95').getByText('no target')).toBeInTheDocument();
    expect(verdict('P50').getByText(/ – /)).toBeInTheDocument();
  });

  it('says what it means that nothing was observed, in the words of whoever made the dashboard if there are any', () => {
    const result = buckets.result.map(({ metric, values }) => ({
      ...{ metric, values: values.map(([at]) => [at, '0'] as const) },
    }));
    const { unmount } = draw(panelData(timeSeries({ result })));
    expect(screen.getByText('Nothing was observed in this time')).toBeInTheDocument();
    unmount();
    const fieldConfig = { defaults: { noValue: 'nobody was seen waiting' }, overrides: [] };
    render(<LatencyDistributionPanel {...panelProps(DEFAULTS, panelData([]), { fieldConfig })} />);
    expect(screen.getByTestId('empty')).toHaveTextContent(/^nobody was seen waiting$/);
  });

  it('names a target that it does not understand, and draws all the same', () => {
    draw(undefined, { targets: 'P99: fast' });
    expect(screen.getByRole('alert')).toHaveTextContent('Not understood as a target: P99: fast');
    expect(screen.getByRole('img')).toBeInTheDocument();
  });

  it('draws quantiles as lines even if a heat map is asked for: there is none in them', () => {
    draw(panelData(timeSeries(quantiles)), { view: 'heatmap' });
    expect(screen.getByTestId('quantile-P50')).toBeInTheDocument();
  });

  it('says what to ask for, that it loads, and why it failed', () => {
    const { rerender } = draw(panelData([]));
    expect(screen.getByTestId('empty')).toHaveTextContent('db_query_latency_seconds_bucket');
    const show = (more: object) =>
      rerender(<LatencyDistributionPanel {...panelProps(DEFAULTS, panelData([], more))} />);
    show({ state: LoadingState.Loading });
    expect(screen.getByRole('status')).toBeInTheDocument();
    show({ state: LoadingState.Error });
    expect(screen.getByRole('alert')).toHaveTextContent('The data source gives no reason');
  });
});

describe('its suggestions', () => {
  it('fit the data', () => {
    const names = (frames: readonly ReturnType<typeof heatmapRows>[]) =>
      plugin.getSuggestions(getPanelDataSummary([...frames]))?.map(({ name }) => name) ?? [];
    expect(names(timeSeries(buckets))).toEqual(['Latency heat map', 'Latency against targets']);
    expect(names([heatmapRows(buckets)])).toContain('Latency heat map');
    expect(names([table(quantiles)])).toContain('Latency quantiles');
    expect(names([])).toEqual([]);
  });
});
