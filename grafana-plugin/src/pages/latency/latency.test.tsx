import { latencyAnswer } from '@submilli/api/latency';
import { screen, within } from '@testing-library/react';
import bucketsCaptured from '../../../test/fixtures/buckets-prometheus-2.42.json';
import captured from '../../../test/fixtures/latency-0.1.0.json';
import { asMatrix, dsAnswer, timeSeries } from '../../../test/frames';
import { answering, renderInApp } from '../../../test/render';
import { quantileOf } from '../../domain/latency/histogram';
import { latencyTargets } from '../../domain/latency/targets';
import { tailBy } from '../../domain/tail';
import { before, shiftOf } from './baseline';
import { DistributionCard } from './DistributionCard';
import { QuantilesCard } from './QuantilesCard';
import { confidenceWord } from './stage-words';
import { TailCard } from './TailCard';
import { stageHistograms } from './use-stages';
import { WhereCard } from './WhereCard';

const answer = latencyAnswer.parse(captured);
const buckets = asMatrix(bucketsCaptured);
const HOUR = 3_600_000;
const view = { from: 10 * HOUR, to: 11 * HOUR, cluster: '', database: '' };
const shared = { view, baseline: 'previous' as const, targets: latencyTargets };

/** The buckets of real statements, as if they were of something else too. */
const labelled = (labels: Readonly<Record<string, string>>) =>
  timeSeries({ result: buckets.result.map(({ metric, values }) => ({ metric: { ...metric, ...labels }, values })) });

describe('a baseline', () => {
  it('is the time before, or the same time on another day', () => {
    expect(shiftOf('previous', view)).toBe(HOUR);
    expect(shiftOf('day', view)).toBe(24 * HOUR);
    expect(before(view, 'week')).toMatchObject({ from: view.from - 7 * 24 * HOUR, to: view.to - 7 * 24 * HOUR });
  });
});

describe('where the time goes', () => {
  it('is told by histograms of their own for each stage that has one', () => {
    const frames = new Map([
      ['statements', timeSeries(buckets)],
      ['canary', [...labelled({ path: 'pool', operation: 'read' }), ...labelled({ path: 'odd', operation: 'read' })]],
    ]);
    const found = stageHistograms(frames);
    expect([...found.keys()]).toEqual(['statements', 'canary-pool-read']);
    const histogram = found.get('statements');
    expect(histogram === undefined ? null : quantileOf(histogram, 0.99)?.seconds).toBeGreaterThan(0);
    expect(stageHistograms(undefined).size).toBe(0);
  });

  it('names the source and how sure each value is, and why there is none where there is none', async () => {
    answering({
      '/api/ds/query': dsAnswer((name) => {
        if (name === 'statements' || name === 'commit') return timeSeries(buckets);
        return name === 'canary' ? labelled({ path: 'direct', operation: 'read' }) : [];
      }),
    });
    renderInApp(<WhereCard {...shared} />);
    const row = async (name: RegExp) => within(await screen.findByRole('row', { name }));
    expect((await row(/on the server statements/)).getByText(/server’s log/)).toBeInTheDocument();
    expect((await row(/a small read, directly/)).getByText(/canary/)).toBeInTheDocument();
    expect((await row(/acquisition/)).getByText(/probe is not set up/)).toBeInTheDocument();
    expect(
      (await row(/through the pool.*write|a small write, through the pool/)).getByText(/No data/),
    ).toBeInTheDocument();
  });

  it('says that Prometheus gives no answer, and in its words why', async () => {
    answering({ '/api/ds/query': { status: 502, data: { message: 'connection refused' } } });
    renderInApp(<WhereCard {...shared} />);
    expect(await screen.findByRole('alert')).toHaveTextContent(/Prometheus gives no answer.*connection refused/);
    expect(screen.queryByRole('table')).toBeNull();
  });

  it('is not sure of a P99 with few observations, however narrow its bucket', () => {
    const narrow = { seconds: 1, low: 0.99, high: 1.01 };
    expect([confidenceWord(5000, narrow).text, confidenceWord(20, narrow).text]).toEqual(['sure', 'few observations']);
  });
});

describe('the distribution', () => {
  it('is set against targets, over the whole time', async () => {
    answering({ '/api/ds/query': dsAnswer((name) => (name === 'types' ? [] : timeSeries(buckets))) });
    renderInApp(<DistributionCard {...shared} />);
    const row = within(await screen.findByTestId('target-row-P99'));
    expect(row.getByText('2.50 ms')).toBeInTheDocument();
    expect(row.getByText(/met|missed|not certain/)).toBeInTheDocument();
    // The same answer for the time before: as good as it was.
    expect(row.getByText(/about the same/)).toBeInTheDocument();
  });

  it('says how to get durations when there are none', async () => {
    answering({ '/api/ds/query': dsAnswer(() => []) });
    renderInApp(<DistributionCard {...shared} />);
    expect(await screen.findByTestId('empty')).toHaveTextContent('log_min_duration_statement');
  });

  it('asks for the type that the URL names', async () => {
    const asked = answering({ '/api/ds/query': dsAnswer(() => []) });
    renderInApp(<DistributionCard {...shared} />, { path: '/?type=insert' });
    await screen.findByTestId('empty');
    expect(JSON.stringify(asked[0]?.data)).toContain(String.raw`query_type=\"insert\"`);
  });
});

describe('quantiles by type', () => {
  const types = answer.types.map((one) => ({ ...one, target: 'pg1' }));
  const draw = (
    more: Partial<Parameters<typeof QuantilesCard>[0]> = {},
    before: (name: string, expr: string) => ReturnType<typeof timeSeries> = () => [],
  ) => {
    answering({ '/api/ds/query': dsAnswer(before) });
    renderInApp(
      <QuantilesCard {...shared} {...{ types, windowSeconds: 300, loading: false, isSilent: false, ...more }} />,
    );
  };

  it('name their source and what it rests on', () => {
    draw();
    expect(screen.getAllByText(/^log, .+ lines/).length).toBeGreaterThan(0);
    expect(screen.getAllByText(/tail (complete|sampled)/).length).toBeGreaterThan(0);
  });

  it('stand beside what they were in the time before, of the same server and source', async () => {
    const [one] = types;
    const { target, database, queryType } = one ?? { target: '', database: '', queryType: '' };
    const metric = { target, database, query_type: queryType, source: 'log', quantile: '0.5' };
    // Only labels that the query keeps.
    const kept = (expr: string) =>
      Object.fromEntries(
        Object.entries(metric).filter(([name]) => new RegExp(`by \\(.*\\b${name}\\b.*?\\)`).test(expr)),
      );
    draw({}, (_, expr) => timeSeries({ result: [{ metric: kept(expr), values: [[1, '0.00123']] }] }));
    expect(await screen.findByText(/before 1\.23 ms/)).toBeInTheDocument();
  });

  it('are marked where they miss their target for certain', () => {
    draw({ targets: [{ quantile: 0.5, seconds: 1e-9 }] });
    expect(screen.getAllByText(/missed/).length).toBeGreaterThan(0);
  });

  it('are not said to be none when nobody could be asked', () => {
    draw({ types: [], isSilent: true });
    expect(screen.getByText('No data: the query exporter can’t be asked.')).toBeInTheDocument();
    expect(screen.queryByTestId('empty')).toBeNull();
  });

  it('are none, and why, when the exporter says so', () => {
    draw({ types: [] });
    expect(screen.getByTestId('empty')).toHaveTextContent('The query exporter knows no latency');
  });
});

describe('the tail', () => {
  const statements = answer.statements.map((one) => ({ ...one, target: 'pg1', query: null, baseline: null }));

  it('is of statements, the one with the most of it first, each a link to all that is known of it', () => {
    renderInApp(<TailCard line={0.001} shares={tailBy(statements, 0.001)} loading={false} isSilent={false} />, {
      path: '/?from=now-6h&to=now',
    });
    const [first] = tailBy(statements, 0.001);
    const [link] = screen.getAllByRole('link');
    expect(link).toHaveTextContent(first?.statement.queryid ?? '');
    expect(link).toHaveAttribute('href', expect.stringContaining(`/queries/pg1/${first?.statement.database}/`));
    expect(link).toHaveAttribute('href', expect.stringContaining('from=now-6h'));
  });

  it('is not known where too little was logged, and cannot be where nobody answers', () => {
    const { unmount } = renderInApp(<TailCard line={null} shares={[]} loading={false} isSilent={false} />);
    expect(screen.getByText(/no statement was logged often enough/)).toBeInTheDocument();
    unmount();
    renderInApp(<TailCard line={null} shares={[]} loading={false} isSilent />);
    expect(screen.getByText(/can’t be asked/)).toBeInTheDocument();
  });
});
