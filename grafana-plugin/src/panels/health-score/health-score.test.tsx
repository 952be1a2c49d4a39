import { getPanelDataSummary, LoadingState } from '@grafana/data';
import { render, screen, within } from '@testing-library/react';
import captured from '../../../test/fixtures/scores-prometheus-2.42.json';
import { asMatrix, panelData, panelProps, table, timeSeries } from '../../../test/frames';
import { HealthScorePanel, sizeOf } from './HealthScorePanel';
import { plugin } from './module';
import { DEFAULTS } from './options';
import { isAboutScores, nameOf, scoresOf } from './scores';

const matrix = asMatrix(captured);
const frames = timeSeries(matrix);

describe('scores in frames', () => {
  it('are found with their components and weights in each format of Prometheus', () => {
    const fromSeries = scoresOf(frames);
    const fromTable = scoresOf([table(matrix)]);
    expect(fromSeries.map(({ database }) => database).toSorted()).toEqual(['grandmodel', 'postgres']);
    const without = (scores: typeof fromSeries) => scores.map((score) => ({ ...score, difference: null }));
    expect(without(fromTable)).toEqual(without(fromSeries));
    for (const { components, value } of fromSeries) {
      expect(value).toBeGreaterThanOrEqual(0);
      expect(components.length).toBeGreaterThan(4);
      expect(components.every(({ weight }) => (weight ?? 0) > 0)).toBe(true);
    }
  });

  it('have the lowest first, and those that are not known last', () => {
    const low = { metric: { database: 'low', __name__: 'db_performance_score' }, values: [[1, '12'] as const] };
    const parts = {
      metric: { database: 'parts', component: 'pool', __name__: 'db_performance_score_component' },
      values: [[1, '50'] as const],
    };
    const scores = scoresOf(timeSeries({ result: [...matrix.result, low, parts] }));
    expect(scores[0]).toMatchObject({ database: 'low', value: 12, difference: null });
    expect(scores.at(-1)).toMatchObject({ database: 'parts', value: null });
  });

  it('of an expression, which has no name, are told by their labels', () => {
    const nameless = { metric: { database: 'a' }, values: [[1, '80'] as const] };
    const component = { metric: { database: 'a', component: 'pool' }, values: [[1, '30'] as const] };
    expect(scoresOf(timeSeries({ result: [nameless, component] }))).toEqual([
      expect.objectContaining({ value: 80, components: [expect.objectContaining({ points: 30, gain: null })] }),
    ]);
  });

  it('of the same database on several servers are told apart', () => {
    const on = (target: string) => ({
      ...{ metric: { database: 'a', target, __name__: 'db_performance_score' }, values: [[1, '80'] as const] },
    });
    const scores = scoresOf(timeSeries({ result: [on('pg1'), on('pg2')] }));
    expect(scores.map((one) => nameOf(one, scores))).toEqual(['a · pg1', 'a · pg2']);
    const [alone] = scoresOf(timeSeries({ result: [on('pg1')] }));
    expect(alone && nameOf(alone, [alone])).toBe('a');
  });

  it('are not made up of values that are no numbers', () => {
    const nan = { metric: { database: 'a', __name__: 'db_performance_score' }, values: [[1, 'NaN'] as const] };
    expect(scoresOf(timeSeries({ result: [nan] }))).toEqual([]);
  });
});

describe('the health score panel', () => {
  const draw = (data = panelData(frames), options = DEFAULTS) =>
    render(<HealthScorePanel {...panelProps(options, data)} />);

  it('shows each database with a number, a grade in words, and of several only what costs them points', () => {
    draw();
    const section = screen.getByRole('region', { name: 'grandmodel' });
    expect(within(section).getByRole('img')).toHaveAccessibleName(
      /^Health score \d+ of 100, (good|fair|poor|critical)$/,
    );
    expect(within(section).getByTestId('component-pool')).toHaveTextContent(/Pool\s*\d+/);
    expect(within(section).queryByTestId('component-locks_and_waits')).toBeNull();
  });

  it('shows all components of a database that is alone', () => {
    draw(undefined, { ...DEFAULTS, most: 1 });
    expect(screen.getByTestId('component-locks_and_waits')).toHaveTextContent(/Locks and waits\s*\d+/);
  });

  it('shows the lowest only, and says how many more there are', () => {
    draw(undefined, { ...DEFAULTS, most: 1, show: 'gauges' });
    expect(screen.getAllByRole('img')).toHaveLength(1);
    expect(screen.getByText('and 1 with a higher score')).toBeInTheDocument();
    expect(screen.queryByTestId('component-pool')).toBeNull();
  });

  it('makes gauges smaller so that all can be seen, and no smaller than can be read', () => {
    expect(sizeOf(1, 600, 300)).toBe(150);
    expect(sizeOf(4, 540, 300)).toBeLessThan(150);
    expect(sizeOf(50, 300, 100)).toBe(84);
  });

  it('gives no grade to a score that rests on less than half of its weight', () => {
    const result = [
      { metric: { database: 'a', __name__: 'db_performance_score' }, values: [[1, '100'] as const] },
      { metric: { database: 'a', __name__: 'db_performance_score_coverage_ratio' }, values: [[1, '0.4'] as const] },
    ];
    draw(panelData(timeSeries({ result })));
    expect(screen.getByRole('img')).toHaveAccessibleName('Health score 100 of 100, not known');
    expect(screen.getByText(/rests on 40.*of its weight/)).toBeInTheDocument();
  });

  it('says what to ask for when the data is of something else', () => {
    draw(panelData([]));
    expect(screen.getByTestId('empty')).toHaveTextContent('db_performance_score_component_weight');
  });

  it('loads, then says that a query failed and why, or that it is not allowed', () => {
    const { rerender } = draw(panelData([], { state: LoadingState.Loading }));
    expect(screen.getByRole('status')).toHaveAttribute('aria-busy', 'true');
    const failed = (message: string) =>
      panelProps(DEFAULTS, panelData([], { state: LoadingState.Error, errors: [{ message }] }));
    rerender(<HealthScorePanel {...failed('parse error: unexpected "}"')} />);
    expect(screen.getByRole('alert')).toHaveTextContent(/The query failed.*parse error/);
    rerender(<HealthScorePanel {...failed('403 Forbidden')} />);
    expect(screen.getByRole('alert')).toHaveTextContent('You may not read this data source');
  });

  it('shows what it has while newer data loads or fails', () => {
    draw(panelData(frames, { state: LoadingState.Error, errors: [{ message: 'gone' }] }));
    expect(screen.queryByRole('alert')).toBeNull();
    expect(screen.getByRole('region', { name: 'grandmodel' })).toBeInTheDocument();
  });
});

describe('its suggestions', () => {
  it('are made for scores, and for nothing else', () => {
    const names = (all: typeof frames) =>
      plugin.getSuggestions(getPanelDataSummary([...all]))?.map(({ name }) => name) ?? [];
    expect(names(frames)).toEqual(['Health score']);
    expect(names([])).toEqual([]);
    expect(isAboutScores(timeSeries({ result: [{ metric: { __name__: 'up' }, values: [[1, '1']] }] }))).toBe(false);
  });
});
