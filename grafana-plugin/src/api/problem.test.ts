import { ExporterProblem, problemOf } from './problem';

describe('what a failed request to an exporter means', () => {
  it.each([
    [{ status: 401, data: { error: 'no' } }, 'refused', 'no'],
    [
      { status: 403, data: { message: 'plugin proxy route access denied' } },
      'no-permission',
      'plugin proxy route access denied',
    ],
    [{ status: 404, data: {} }, 'not-found', 'HTTP 404'],
    [{ status: 502, data: { message: 'Bad Gateway' } }, 'down', 'Bad Gateway'],
    [{ status: 504, data: null }, 'down', 'HTTP 504'],
    [{ status: 500, data: { error: '' } }, 'unexpected', 'HTTP 500'],
    [{ status: -1, cancelled: true }, 'cancelled', 'HTTP -1'],
    [new TypeError('Failed to fetch'), 'down', 'Failed to fetch'],
    ['anything', 'down', 'HTTP error'],
  ])('%j', (error, kind, detail) => {
    expect(problemOf(error, 'query')).toMatchObject({ kind, detail, exporter: 'query' });
  });

  it('stays what it was said to be', () => {
    const problem = new ExporterProblem('unexpected', 'ha', 'garbage');
    expect(problemOf(problem, 'query')).toBe(problem);
  });
});
