import { scoreAnswer } from '@submilli/api/score';
import { screen, within } from '@testing-library/react';
import captured from '../../../test/fixtures/score-0.1.0.json';
import scoresCaptured from '../../../test/fixtures/scores-prometheus-2.42.json';
import { asMatrix, timeSeries } from '../../../test/frames';
import { renderInApp } from '../../../test/render';
import { seriesOf } from '../../prometheus/query';
import { DatabaseCard } from './DatabaseCard';
import { joined } from './HealthPage';
import { historyOf, type History } from './use-history';

const [score] = scoreAnswer.parse(captured).databases;
if (score === undefined) throw new Error('the fixture has no database');

const NOTHING = { score: [], components: [] };
const matrix = asMatrix(scoresCaptured);
const real = (name: string) =>
  seriesOf(timeSeries({ result: matrix.result.filter(({ metric }) => metric.__name__ === name) }));
const remembered = { score: real('db_performance_score'), components: real('db_performance_score_component') };

const HOUR = 3_600_000;
const view = { from: 0, to: HOUR, cluster: '', database: '' };
const over = (values: readonly number[]) => ({ times: values.map((_, i) => i * 60_000), values });
const series = (values: readonly number[], labels = {}) => ({
  labels: { database: 'app', ...labels },
  ...over(values),
});
const which = { database: 'app', target: 'pg1' };

const draw = (props: { readonly score?: typeof score; readonly history?: History }) =>
  renderInApp(
    <DatabaseCard
      {...{ title: 'app on pg1', database: 'app', view, moments: [], loading: false }}
      score={props.score}
      history={props.history ?? historyOf(which, NOTHING, NOTHING, HOUR)}
    />,
    { path: '/a/submilli-postgresql-app/health?var-cluster=prod&from=now-1h&to=now' },
  );

describe('what Prometheus remembers', () => {
  it('of a real database is its score and its components', () => {
    const history = historyOf({ database: 'grandmodel', target: 'pg1' }, remembered, remembered, HOUR);
    expect(history.score.values.length).toBeGreaterThan(1);
    expect(history.components.has('locks_and_waits')).toBe(true);
    expect(history.before.times[0]).toBe((history.score.times[0] ?? 0) + HOUR);
    expect(history.componentsBefore.get('errors')).toBeGreaterThanOrEqual(0);
  });

  it('of one server is not taken for another’s, unless no series names a server', () => {
    const named = { score: [series([100], { target: 'pg2' })], components: [] };
    expect(historyOf(which, named, NOTHING, HOUR).score.values).toEqual([]);
    expect(historyOf({ ...which, target: 'pg2' }, named, NOTHING, HOUR).score.values).toEqual([100]);
    expect(historyOf(which, { score: [series([90])], components: [] }, NOTHING, HOUR).score.values).toEqual([90]);
  });

  it('stands for databases that the exporter does not explain', () => {
    const all = joined(
      [{ target: 'pg1', score }],
      [
        { database: score.database, target: 'pg1' },
        { database: 'gone', target: 'pg2' },
      ],
    );
    expect(all.map((one) => [one.database, one.score === undefined])).toEqual([
      [score.database, false],
      ['gone', true],
    ]);
  });
});

describe('the health of a database', () => {
  it('lists each component with points, weight and a sentence, and its evidence with thresholds and source', () => {
    draw({ score });
    for (const { component, sentence, weight } of score.components) {
      const item = screen.getByTestId(`component-${component}`);
      expect(item).toHaveTextContent(sentence);
      expect(item).toHaveTextContent(`weight ${weight}`);
    }
    const errors = within(screen.getByTestId('component-errors'));
    expect(errors.getByText(/lost sessions/)).toBeInTheDocument();
    expect(errors.getAllByText('(pg_stat_database)').length).toBeGreaterThan(0);
  });

  it('opens what is not well, and says what the score would be without it', () => {
    const components = score.components.map((one) =>
      one.component === 'errors' ? { ...one, points: 20, scoreIfWell: 98 } : { ...one, points: 100, scoreIfWell: 80 },
    );
    const raise = { component: 'errors', to: 98, sentence: 'With errors well, the score would be 98.' };
    draw({ score: { ...score, value: 80, now: 80, components, raise } });
    expect(screen.getByTestId('raise')).toHaveTextContent('the score would be 98');
    const [first] = screen.getAllByTestId(/^component-/);
    expect(first).toHaveTextContent(/Errors.*well, the score would be 98/);
    expect(first?.querySelector('details')).toHaveAttribute('open');
    expect(screen.getByTestId('component-latency').querySelector('details')).not.toHaveAttribute('open');
  });

  it('says what caps the score, and how much of its weight is known', () => {
    const cap = { at: 30, component: 'locks_and_waits', why: 'sessions stand still' };
    draw({ score: { ...score, cap, coverage: 0.6 } });
    expect(screen.getByText('Held at 30 by Locks and waits')).toBeInTheDocument();
    expect(screen.getByText(/rests on 60 % of its weight/)).toBeInTheDocument();
  });

  it('is what Prometheus remembers when the exporter cannot be asked', () => {
    draw({ history: historyOf(which, { score: [series([100, 55])], components: [] }, NOTHING, HOUR) });
    expect(screen.getByRole('img', { name: /Health score 55 of 100, poor/ })).toBeInTheDocument();
    expect(screen.getByText(/it can’t be asked now/)).toBeInTheDocument();
  });

  it('does not say that nothing happened when nothing is known', () => {
    draw({ score });
    expect(screen.getByText('Prometheus knows no score in this time.')).toBeInTheDocument();
    expect(screen.queryByText(/No incident/)).toBeNull();
  });

  it('links each incident to its time, with what it was for, and keeps the cluster', () => {
    const components = [series([100, 10, 100], { component: 'pool' })];
    const history = historyOf(which, { score: [series([100, 30, 100])], components }, NOTHING, HOUR);
    draw({ score, history });
    expect(screen.getByTestId('incident')).toHaveTextContent(/30 critical.*for Pool/);
    const href = screen.getByRole('link').getAttribute('href') ?? '';
    const query = new URL(href, 'http://grafana').searchParams;
    expect(Number(query.get('from'))).toBeLessThan(60_000);
    expect(Number(query.get('to'))).toBeGreaterThan(60_000);
    expect([query.get('var-cluster'), query.get('var-database')]).toEqual(['prod', 'app']);
  });

  it('is compared with the time before, where that is known', () => {
    const now = { score: [series([80, 80])], components: [] };
    const { unmount } = draw({
      score,
      history: historyOf(which, now, { score: [series([100, 90])], components: [] }, HOUR),
    });
    expect(screen.getByTestId('before')).toHaveTextContent(
      '80 on average, 80 at the lowest; in the time before (dashed) 95 and 90.',
    );
    unmount();
    draw({ score, history: historyOf(which, now, NOTHING, HOUR) });
    expect(screen.getByTestId('before')).toHaveTextContent('Nothing is known of the time before');
  });
});
