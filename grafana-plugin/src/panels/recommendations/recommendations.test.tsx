import { getPanelDataSummary } from '@grafana/data';
import { recommendationsAnswer } from '@submilli/api/recommendations';
import { render, screen } from '@testing-library/react';
import { MemoryRouter } from 'react-router-dom';
import countsCaptured from '../../../test/fixtures/advice-prometheus-2.42.json';
import captured from '../../../test/fixtures/recommendations-0.1.0.json';
import { asMatrix, panelData, panelProps, timeSeries } from '../../../test/frames';
import { answering } from '../../../test/render';
import type { Advice } from '../../domain/advice';
import { chosen, countsIn, filledTarget } from './choose';
import { plugin } from './module';
import { DEFAULTS, type RecommendationsOptions } from './options';
import { createPanel } from './RecommendationsPanel';

const frames = timeSeries(asMatrix(countsCaptured));
const { recommendations } = recommendationsAnswer.parse(captured);
const all: readonly Advice[] = recommendations.map((one) => ({ ...one, exporter: 'query' }));
const SETTINGS = '/api/plugins/submilli-postgresql-app/settings';
const PROXY = '/api/plugin-proxy/submilli-postgresql-app';
const ready = { [SETTINGS]: { enabled: true, jsonData: { queryUrl: 'http://query:9093' } } };

const draw = (options: Partial<RecommendationsOptions> = {}, series: typeof frames = []) => {
  const Panel = createPanel();
  return render(
    <MemoryRouter future={{ v7_startTransition: true, v7_relativeSplatPath: true }}>
      <Panel {...panelProps({ ...DEFAULTS, ...options }, panelData(series))} />
    </MemoryRouter>,
  );
};

describe('what a panel shows', () => {
  it('has the most severe first, and only what is as severe as asked for', () => {
    const severities = chosen(all, DEFAULTS).map(({ severity }) => severity);
    expect(severities).toHaveLength(all.length);
    expect(severities).toEqual([...severities].sort((a, b) => rank(a) - rank(b)));
    expect(chosen(all, { ...DEFAULTS, severity: 'warning' }).every(({ severity }) => severity !== 'info')).toBe(true);
  });

  it('is of the targets and exporters that are asked for, open unless all are', () => {
    const [first] = all;
    if (first === undefined) throw new Error('the fixture has no recommendation');
    expect(chosen(all, { ...DEFAULTS, target: 'no such target' })).toEqual([]);
    expect(chosen(all, { ...DEFAULTS, exporters: ['pool'] })).toEqual([]);
    const snoozed = { ...first, state: 'snoozed' as const };
    expect(chosen([snoozed], DEFAULTS)).toEqual([]);
    expect(chosen([snoozed], { ...DEFAULTS, state: 'all' })).toEqual([snoozed]);
  });

  it('is not narrowed by a variable that stands for all', () => {
    expect(filledTarget('$db', () => '.*')).toBe('');
    expect(filledTarget('$db', () => '{a,b}')).toBe('');
    expect(filledTarget('$db', () => 'pg1')).toBe('pg1');
  });
});

const rank = (severity: string): number => ['critical', 'warning', 'info'].indexOf(severity);

describe('the recommendations panel', () => {
  it('asks the exporters that have an address, and links each recommendation to all that is known of it', async () => {
    const asked = answering({ ...ready, [`${PROXY}/query`]: captured });
    draw();
    const items = await screen.findAllByTestId('recommendation');
    expect(items).toHaveLength(Math.min(10, all.length));
    expect(screen.getAllByRole('link')[0]).toHaveAttribute(
      'href',
      expect.stringMatching(/^\/a\/submilli-postgresql-app\/advice\/query\/.+/),
    );
    expect(asked.map(({ url }) => url)).toEqual([SETTINGS, `${PROXY}/query/api/v1/recommendations`]);
  });

  it('says how many more there are', async () => {
    answering({ ...ready, [`${PROXY}/query`]: captured });
    draw({ most: 1 });
    expect(await screen.findByText(`and ${all.length - 1} more`)).toBeInTheDocument();
  });

  it('has good news only as far as somebody could look', async () => {
    answering({
      ...ready,
      [`${PROXY}/query`]: {
        ...{ recommendations: [], earlier: [], evaluated: [] },
        notEvaluated: [{ rule: 'missing-index', target: 'pg1', reason: 'no privilege' }],
      },
    });
    draw();
    expect(await screen.findByText('No recommendation')).toBeInTheDocument();
    expect(screen.getByText(/1 rules could not be evaluated/)).toBeInTheDocument();
  });

  it('names an exporter that refuses, and shows what Prometheus still knows', async () => {
    answering({ ...ready, [`${PROXY}/query`]: { status: 401, data: { error: 'who are you' } } });
    draw({}, frames);
    expect(await screen.findByTestId('trouble-query')).toHaveTextContent('who are you');
    expect(screen.getByTestId('counts')).toHaveTextContent(/Critical \d+, Warning \d+, Info \d+/);
  });

  it.each([
    [403, 'You may not use the Submilli app'],
    [404, 'The Submilli app is not enabled'],
    [500, 'The app’s settings can’t be read'],
  ])('says what is the matter when the app answers %i', async (status, words) => {
    answering({ [SETTINGS]: { status, data: { message: 'so it is' } } });
    draw();
    expect(await screen.findByText(words)).toBeInTheDocument();
  });

  it('says that nobody has set it up yet', async () => {
    answering({ [SETTINGS]: { enabled: true } });
    draw();
    expect(await screen.findByText('No exporter has an address yet')).toBeInTheDocument();
  });
});

describe('counts by Prometheus', () => {
  it('are added up by severity, and absent where the data is of something else', () => {
    const counts = countsIn(frames);
    expect((counts?.warning ?? 0) + (counts?.info ?? 0)).toBeGreaterThan(0);
    expect(countsIn([])).toBeNull();
  });

  it('are what the panel is suggested for', () => {
    const names = (series: typeof frames) =>
      plugin.getSuggestions(getPanelDataSummary([...series]))?.map(({ name }) => name) ?? [];
    expect(names(frames)).toEqual(['Recommendations']);
    expect(names([])).toEqual([]);
  });
});
