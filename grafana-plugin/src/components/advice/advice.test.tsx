import { recommendationsAnswer } from '@submilli/api/recommendations';
import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import captured from '../../../test/fixtures/recommendations-0.1.0.json';
import { answering, renderInApp, seenBy } from '../../../test/render';
import { type Advice, groupAdvice } from '../../domain/advice';
import { AdviceActions } from './AdviceActions';
import { RecommendationDetail } from './RecommendationDetail';
import { RecommendationList } from './RecommendationList';

const all = recommendationsAnswer.parse(captured).recommendations.map((one): Advice => ({ ...one, exporter: 'query' }));
const [advice] = all as [Advice, ...Advice[]];
const STORAGE = '/apis/userstorage.grafana.app';

describe('a list of recommendations', () => {
  it('links each to its page, and says how severe it is in words', () => {
    renderInApp(<RecommendationList groups={groupAdvice(all, 'none')} linkOf={({ id }) => `/advice/${id}`} />);
    expect(screen.getAllByTestId('recommendation')).toHaveLength(all.length);
    expect(screen.getByRole('link', { name: advice.title })).toHaveAttribute('href', `/advice/${advice.id}`);
    expect(screen.getAllByText(/^(Critical|Warning|Info)$/)).toHaveLength(all.length);
  });
});

describe('a recommendation', () => {
  it('shows what to do as text, with its lock, undo, gain, evidence and history', () => {
    renderInApp(
      <RecommendationDetail
        advice={{ ...advice, action: { ...advice.action, text: '<img src=x onerror=alert(1)>' } }}
      />,
    );
    expect(screen.getByText('<img src=x onerror=alert(1)>')).toBeInTheDocument();
    expect(document.querySelector('img')).toBeNull();
    for (const heading of ['What to do', 'What it changes', 'Evidence', 'History']) {
      expect(screen.getByRole('heading', { name: heading })).toBeInTheDocument();
    }
    expect(screen.getByText('Lock it takes')).toBeInTheDocument();
    expect(screen.getByRole('button', { name: /^Copy/ })).toBeInTheDocument();
  });

  it('says "not known" of a gain that is not told', () => {
    renderInApp(
      <RecommendationDetail advice={{ ...advice, impact: { ...advice.impact, before: null, after: null } }} />,
    );
    expect(screen.getAllByText('not known')).toHaveLength(2);
  });
});

describe('what can be said about a recommendation', () => {
  it('is told to the team by editors, with their name and why', async () => {
    seenBy('Editor');
    const asked = answering({
      [STORAGE]: { status: 404, data: {} },
      '/api/plugin-proxy/submilli-postgresql-app/query/': { ...advice, exporter: undefined },
    });
    renderInApp(<AdviceActions advice={advice} />);
    await userEvent.click(screen.getByRole('button', { name: 'Acknowledge' }));
    await userEvent.type(screen.getByLabelText('Why (optional)'), 'on it');
    await userEvent.click(screen.getByRole('button', { name: 'Confirm' }));
    await waitFor(() => expect(asked.some(({ method }) => method === 'POST')).toBe(true));
    const posted = asked.find(({ method }) => method === 'POST');
    expect(posted?.url).toBe(
      `/api/plugin-proxy/submilli-postgresql-app/query/api/v1/recommendations/${advice.id}/acknowledge`,
    );
    expect(posted?.data).toEqual({ by: 'ada', why: 'on it' });
    await waitFor(() => expect(screen.queryByRole('button', { name: 'Confirm' })).toBeNull());
  });

  it('is put aside by viewers for themselves, in their own storage', async () => {
    seenBy('Viewer');
    const asked = answering({
      [STORAGE]: ({ method }: { method?: string }) =>
        method === 'GET' ? { status: 404, data: {} } : { spec: { data: {} } },
    });
    renderInApp(<AdviceActions advice={advice} />);
    expect(screen.getByRole('button', { name: 'Acknowledge' })).toBeDisabled();
    await userEvent.click(screen.getByRole('button', { name: 'Dismiss' }));
    expect(screen.getByRole('button', { name: 'Confirm' })).toBeDisabled();
    await userEvent.type(screen.getByLabelText('Why'), 'known');
    await userEvent.click(screen.getByRole('button', { name: 'Confirm' }));
    await waitFor(() => expect(asked.some(({ method }) => method === 'POST')).toBe(true));
    const stored = JSON.stringify(asked.find(({ method }) => method === 'POST')?.data);
    expect(stored).toContain(advice.id);
    expect(stored).toContain('known');
    expect(asked.every(({ url }) => url.startsWith(STORAGE))).toBe(true);
    expect(await screen.findByRole('button', { name: 'Show me again' })).toBeInTheDocument();
  });

  it('is kept, with the reason shown, when the exporter refuses', async () => {
    seenBy('Admin');
    answering({
      [STORAGE]: { status: 404, data: {} },
      '/api/plugin-proxy/': { status: 403, data: { error: 'a note on advice needs authentication' } },
    });
    renderInApp(<AdviceActions advice={advice} />);
    await userEvent.click(screen.getByRole('button', { name: 'Snooze' }));
    await userEvent.click(screen.getByRole('button', { name: 'Confirm' }));
    expect(await screen.findByText('a note on advice needs authentication')).toBeInTheDocument();
    expect(screen.getByRole('button', { name: 'Confirm' })).toBeInTheDocument();
  });
});
