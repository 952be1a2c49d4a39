import { dashboards, expressionsOf, withoutData } from '@submilli/dashboards';
import { withoutMacros } from '../../../catalogue/test/promql';
import { allExpressions } from '../../../dashboards/test/lint';
import { appQuestions, appVariables, appWithoutData } from '../../../dashboards/test/app-questions';
import { until } from './stack';

/** A question to the live Prometheus, and whether it may go without an answer. */
export type Question = {
  readonly at: string;
  readonly expr: string;
  /** Why it may have none. */
  readonly excused?: string;
  /** That it has one would be against what it is excused by. */
  readonly never?: boolean;
};

const api = async (path: string, form: Readonly<Record<string, string>>): Promise<unknown> => {
  const body = new URLSearchParams(form);
  const answer = await fetch(`http://127.0.0.1:9090/api/v1/${path}`, { method: 'POST', body });
  const told = (await answer.json()) as { readonly status: string; readonly error?: string; readonly data: unknown };
  if (told.status !== 'success') throw new Error(`${form.query ?? path}: ${told.error ?? answer.status}`);
  return told.data;
};

/** How many series an expression finds now; Grafana's variables and macros are put in. */
export const found = async (expr: string): Promise<number> => {
  const { result } = (await api('query', { query: withoutMacros(expr) })) as { readonly result: readonly unknown[] };
  return result.length;
};

const LABEL_VALUES = /^label_values\((.+), (\w+)\)$/;

/** What a variable offers: the values of a label of some series, as Grafana asks for them. */
export const valuesOf = async (query: string): Promise<readonly string[]> => {
  const [, selector = '', label = ''] = LABEL_VALUES.exec(query) ?? [];
  const match = encodeURIComponent(withoutMacros(selector));
  const answer = await fetch(`http://127.0.0.1:9090/api/v1/label/${label}/values?match[]=${match}`);
  const told = (await answer.json()) as { readonly status: string; readonly data?: readonly string[] };
  if (told.status !== 'success') throw new Error(`${query}: ${JSON.stringify(told)}`);
  return told.data ?? [];
};

/** What the panels of every dashboard ask. */
export const dashboardQuestions = (): readonly Question[] =>
  dashboards.flatMap(expressionsOf).map(({ dashboard, panel, refId, expr }) => {
    const excuse = withoutData.find((one) => one.panel === panel && one.refId === refId);
    return { at: `${dashboard} / ${panel} / ${refId}`, expr, excused: excuse?.why, never: excuse?.never };
  });

/** What the Grafana app asks, of all there is and of one database. */
export const liveAppQuestions = (statement: { readonly database: string; readonly queryid: string }) => {
  const to = Date.now();
  const views = [
    { from: to - 3_600_000, to, cluster: '', database: '' },
    { from: to - 3_600_000, to, cluster: 'grandmodel', database: 'grandmodel' },
  ];
  return views.flatMap(appQuestions).map(({ from, name, expr }): Question => {
    const excuse = appWithoutData.find(({ question }) => question === `${from}.${name}`);
    const filled = expr
      .replaceAll('${statement_database}', statement.database)
      .replaceAll('${statement_queryid}', statement.queryid);
    return { at: `${from} / ${name}`, expr: filled, excused: excuse?.why, never: excuse?.never };
  });
};

/** Every variable of the dashboards and of the app: where it is, and its query. */
export const variableQueries = (): readonly { readonly at: string; readonly query: string }[] => [
  ...dashboards.flatMap(({ uid = '', templating: { list = [] } }) =>
    list.flatMap(({ name, definition }) =>
      definition === undefined ? [] : [{ at: `${uid} / ${name}`, query: definition }],
    ),
  ),
  ...Object.entries(appVariables).map(([name, query]) => ({ at: `app / ${name}`, query })),
];

export const annotationQueries = (): readonly string[] => [
  ...new Set(dashboards.flatMap(allExpressions).flatMap(({ at, expr }) => (at === 'annotation' ? [expr] : []))),
];

export type Verdict = { readonly unanswered: readonly string[]; readonly excusedInVain: readonly string[] };

/**
 * Asks until all that must have an answer have one, or the time is over. Who is excused and has one nevertheless is
 * told on standard error; it is in vain where that can't be.
 */
export const askAll = async (questions: readonly Question[], seconds: number): Promise<Verdict> => {
  const withoutAnswer = async (some: readonly Question[]): Promise<Question[]> => {
    const missing: Question[] = [];
    for (const one of some) if ((await found(one.expr)) === 0) missing.push(one);
    return missing;
  };
  // At once, so that what Prometheus refuses fails with what it said.
  let open = await withoutAnswer(questions.filter(({ excused }) => excused === undefined));
  await until(
    seconds,
    async () => (open = await withoutAnswer(open)),
    (missing) => missing.length === 0,
  );
  const excused = questions.filter((one) => one.excused !== undefined);
  const silent = await withoutAnswer(excused);
  const answered = excused.filter((one) => !silent.includes(one));
  const told = ({ at, excused: why = '' }: Question): string => `${at} (${why})`;
  for (const one of answered) process.stderr.write(`excused, and answered nevertheless: ${told(one)}\n`);
  return {
    unanswered: open.map(({ at, expr }) => `${at}: ${withoutMacros(expr)}`),
    excusedInVain: answered.filter(({ never }) => never === true).map(told),
  };
};
