import { messageOf, SubmilliError } from '@submilli/core';
import { ask, type Answer } from '../stack/http';
import { promAnswer, type PromAnswer, type Sample, samplesOf, type Series, seriesOf } from './answer';
import { authorizationOf, type Credentials } from './credentials';

/** Bounds of every question, stated in the docs and in --help. */
export const bounds = {
  /** No series of an answer has more points. */
  points: 1000,
  bytes: 32 * 1024 * 1024,
  seconds: 60,
} as const;

/** From the first moment to the last, both included, in seconds since the epoch. */
export type Span = { readonly from: number; readonly to: number; readonly step: number };

export type PrometheusOptions = Credentials & {
  /** Without a slash at its end; may have a path. */
  readonly url: string;
  readonly caFile?: string | undefined;
  /** For Mimir and others that serve several: X-Scope-OrgID. */
  readonly tenant?: string | undefined;
  readonly signal: AbortSignal;
};

/** What a report or a baseline asks. Answers hold only values that are there. */
export type Prometheus = {
  readonly url: string;
  readonly at: (expr: string, moment: number) => Promise<readonly Sample[]>;
  readonly over: (expr: string, span: Span) => Promise<readonly Series[]>;
  /** What the server said about its own answers, as Thanos does when a store is away. */
  readonly warnings: () => readonly string[];
  readonly asked: () => number;
};

/** One question is not answered (too much to load, too slow): others may be. */
export class QuestionRefused extends SubmilliError {}

export const connectPrometheus = (options: PrometheusOptions): Prometheus => {
  const warnings = new Set<string>();
  let asked = 0;
  const question = async (path: string, form: Readonly<Record<string, string>>) => {
    asked += 1;
    const answer = await post(`${options.url}/api/v1/${path}`, form, options);
    const parsed = parse(answer, options, form.query ?? '');
    for (const warning of parsed.warnings ?? []) warnings.add(warning);
    return parsed.data;
  };
  return {
    url: options.url,
    at: async (query, moment) => samplesOf(await question('query', { query, time: moment.toFixed(3) })),
    over: async (query, { from, to, step }) => {
      const points = Math.floor((to - from) / step) + 1;
      if (points > bounds.points) throw new Error(`${points} points are more than the ${bounds.points} of an answer`);
      const form = { query, start: from.toFixed(3), end: to.toFixed(3), step: step.toFixed(3) };
      return seriesOf(await question('query_range', form));
    },
    warnings: () => [...warnings].sort(),
    asked: () => asked,
  };
};

const post = async (
  url: string,
  form: Readonly<Record<string, string>>,
  { caFile, tenant, signal, ...credentials }: PrometheusOptions,
): Promise<Answer> => {
  const headers = {
    'content-type': 'application/x-www-form-urlencoded',
    ...authorizationOf(credentials),
    ...(tenant === undefined ? {} : { 'x-scope-orgid': tenant }),
  };
  // Prometheus gives up first, and says why.
  const body = new URLSearchParams({ ...form, timeout: `${bounds.seconds - 5}s` }).toString();
  const tls = caFile === undefined ? undefined : { caFile };
  const limit = AbortSignal.any([signal, AbortSignal.timeout(bounds.seconds * 1000)]);
  try {
    return await ask(url, limit, { method: 'POST', headers, body, tls, mostBytes: bounds.bytes });
  } catch (cause) {
    if (signal.aborted) throw signal.reason;
    throw new SubmilliError({
      what: messageOf(cause),
      hint: 'Is Prometheus there? Give its URL with --prometheus, or in SUBMILLI_PROMETHEUS.',
      cause,
    });
  }
};

type Success = Extract<PromAnswer, { status: 'success' }>;

const parse = ({ status, text }: Answer, { url }: PrometheusOptions, query: string): Success => {
  if (status === 401 || status === 403) {
    throw new SubmilliError({
      what: `refuses us (HTTP ${status})`,
      where: url,
      hint: 'Log in with --prometheus-user and --prometheus-password-file, or with --prometheus-token-file.',
    });
  }
  const answer = promAnswer.safeParse(jsonOf(text)).data;
  if (answer === undefined) {
    throw new SubmilliError({
      what: `answers with something that is not Prometheus’ (HTTP ${status})`,
      where: url,
      hint: 'The URL is that of Prometheus itself, with its path prefix if it has one, without /api/v1.',
    });
  }
  if (answer.status === 'error') {
    throw new QuestionRefused({
      what: `refuses a question (${answer.errorType}: ${answer.error}): ${query}`,
      where: url,
    });
  }
  return answer;
};

const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
