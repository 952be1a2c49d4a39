import { median } from '../median';
import type { Cell, Goal, Plot, Table } from '../part';
import { moreThan, type Priced } from './overhead';
import type { Quantiles, Run, Sampling } from './runs';
import { QUANTILES } from './truth';

const nameOf = (q: number): string => `P${Number((q * 100).toFixed(1))}`;

export const sourceOf = ({ rate, hasTail }: Sampling): string =>
  `log, ${Number((rate * 100).toFixed(1))} %${hasTail ? ' and the tail' : ''}`;

/** In percent; nothing where one of the two isn't known. */
export const errorOf = (told: number | undefined, truth: number | undefined): number | undefined =>
  told === undefined || truth === undefined ? undefined : (told / truth - 1) * 100;

const rounded = (value: number | undefined, digits: number): Cell =>
  value === undefined ? null : Number(value.toFixed(digits));
const errors = (told: Quantiles, truth: Quantiles): Cell[] =>
  QUANTILES.map((_, i) => rounded(errorOf(told[i], truth[i]), 1));
const milliseconds = (quantiles: Quantiles): Cell[] =>
  QUANTILES.map((_, i) => rounded(quantiles[i] === undefined ? undefined : quantiles[i] * 1000, 2));

/** A quantile of the log, in one run, against both truths. */
type Judged = { readonly run: Run; readonly client: number | undefined; readonly method: number | undefined };

const judge = (runs: readonly Run[], q: (typeof QUANTILES)[number]): readonly Judged[] => {
  const i = QUANTILES.indexOf(q);
  return runs.map((run) => ({
    ...{ run, client: errorOf(run.log[i], run.clients[i]), method: errorOf(run.log[i], run.executed[i]) },
  }));
};

const percent = (value: number | undefined): string =>
  value === undefined ? 'not known' : `${value > 0 ? '+' : ''}${value.toFixed(1)} %`.replace('-', '−');

const worst = (judged: readonly Judged[], of: 'client' | 'method'): Judged | undefined =>
  judged
    .filter((one) => one[of] !== undefined)
    .sort((a, b) => Math.abs(b[of] ?? 0) - Math.abs(a[of] ?? 0))
    .at(0);

/** What a run has too few statements for, the exporter does not say; each workload must have a run that has enough. */
const goalOf = (runs: readonly Run[], q: (typeof QUANTILES)[number], within: number): Goal => {
  const judged = judge(runs, q);
  const [client, method] = [worst(judged, 'client'), worst(judged, 'method')];
  const where = ({ run }: Judged): string => `${run.workload}, ${sourceOf(run)}`;
  const silent = judged.filter((one) => one.client === undefined);
  const isTold = ({ workload }: Run): boolean =>
    judged.some((one) => one.run.workload === workload && !silent.includes(one));
  const measured = [
    client === undefined
      ? 'not told'
      : `${percent(client.client)} (${where(client)}), against the server’s own durations ${percent(client.method)} there`,
    ...(method === undefined ? [] : [`of the method at worst ${percent(method.method)} (${where(method)})`]),
    ...(silent.length === 0 ? [] : [`not told, for want of statements: ${silent.map(where).join('; ')}`]),
  ];
  return {
    what: `${nameOf(q)} of the log with a share of 1 % and of 10 % and the advised tail, against what clients measured: the worst of all workloads`,
    ...{ target: `within ${within} %`, measured: measured.join('; ') },
    met: client?.client !== undefined && Math.abs(client.client) <= within && runs.every(isTold),
  };
};

/** Judged are the settings that the manual advises: a share, and all of the tail. */
export const goalsOf = (runs: readonly Run[]): readonly Goal[] => {
  const advised = runs.filter(({ hasTail }) => hasTail);
  return [goalOf(advised, 0.99, 5), goalOf(advised, 0.999, 10)];
};

const within = ({ bounds }: Run, truth: Quantiles): Cell => {
  const known = bounds.flatMap((bound, i) => {
    const exact = truth[i];
    return bound === undefined || exact === undefined ? [] : [exact >= bound[0] && exact <= bound[1]];
  });
  return known.length === 0 ? null : `${known.filter(Boolean).length} of ${known.length}`;
};

export const errorTable = (runs: readonly Run[]): Table => ({
  title:
    'Error by source, in %: against what clients measured, and of the method, against durations that the bench read from the server’s log by itself (where all of them are in it)',
  columns: [
    ...['workload', 'source', 'statements', 'lines per 1,000', 'exporter CPU ms per 1,000'],
    ...QUANTILES.map((q) => `${nameOf(q)} %`),
    ...QUANTILES.map((q) => `method ${nameOf(q)} %`),
    'server’s within bounds',
  ],
  rows: runs.flatMap((run) => {
    const { workload, statements, lines, log, estimate, clients, executed } = run;
    const per = (value: number, digits: number): Cell => rounded((value * 1000) / statements, digits);
    const logged = [
      ...[workload, sourceOf(run), statements, per(lines, 0), per(run.exporterSeconds * 1000, 1)],
      ...[...errors(log, clients), ...errors(log, executed), within(run, executed)],
    ];
    // The statistics are the same whatever is logged.
    if (run.rate !== 1) return [logged];
    const estimated = [workload, 'estimate', statements, 0, null, ...errors(estimate, clients)];
    return [logged, [...estimated, ...errors(estimate, executed), null]];
  }),
});

export const truthTable = (runs: readonly Run[]): Table => ({
  title: 'The truth in ms, where everything was logged: of clients, and of the server',
  columns: ['workload', 'seen by', ...QUANTILES.map((q) => `${nameOf(q)} ms`)],
  rows: runs
    .filter(({ rate }) => rate === 1)
    .flatMap(({ workload, clients, executed }) => [
      [workload, 'clients', ...milliseconds(clients)],
      [workload, 'server', ...milliseconds(executed)],
    ]),
});

const SPLIT = [0.5, 0.99, 0.999] as const;

/** Whose the time is that clients measured: differences of quantiles, as shares of the clients'. */
export const causeTable = (runs: readonly Run[]): Table => ({
  title:
    'Whose the time is that clients measure, everything logged: outside any duration of the server, in its parse and bind, and what is left to the method',
  columns: [
    ...['workload', 'protocol', 'quantile', 'clients ms', 'server ms'],
    ...['outside the server %', 'parse and bind %', 'error of the method %'],
  ],
  rows: runs.flatMap(({ workload, protocol, clients, server, executed, log }) =>
    SPLIT.map((q): Cell[] => {
      const i = QUANTILES.indexOf(q);
      const [client, whole, execution] = [clients[i], server[i], executed[i]];
      const share = (more: number | undefined, less: number | undefined): Cell =>
        more === undefined || less === undefined || client === undefined
          ? null
          : rounded(((more - less) / client) * 100, 1);
      const ms = (seconds: number | undefined): Cell => rounded(seconds === undefined ? undefined : seconds * 1000, 3);
      return [
        ...[workload, protocol, nameOf(q), ms(client), ms(whole), share(client, whole), share(whole, execution)],
        rounded(errorOf(log[i], execution), 1),
      ];
    }),
  ),
});

const offOf = (priced: readonly Priced[], { protocol }: Priced): Priced | undefined =>
  priced.find((one) => one.protocol === protocol && one.rate === null);

export const overheadTable = (priced: readonly Priced[]): Table => ({
  title:
    'What logging costs: processor time of a SELECT by primary key, medians of rounds; all from 5 ms on is logged too',
  columns: [...['protocol', 'logged', 'backend µs', 'more than off %', 'least %', 'most %', 'logger µs']],
  rows: priced.map((one) => {
    const off = offOf(priced, one);
    const more = off === undefined || off === one ? undefined : moreThan(one, off);
    return [
      ...[one.protocol, one.name, rounded(median(one.costs.map(({ backend }) => backend)), 1)],
      ...[rounded(more?.median, 1), rounded(more?.least, 1), rounded(more?.most, 1)],
      rounded(median(one.costs.map(({ logger }) => logger)), 1),
    ];
  }),
});

/** A logarithmic axis has no nought. */
const LEAST_DRAWN = 0.01;

export const errorPlot = (runs: readonly Run[]): Plot => {
  const sources = [...new Set(runs.map(sourceOf))];
  const pointsOf = (own: readonly Run[], told: (run: Run) => Quantiles): (readonly [string, number])[] =>
    own.flatMap((run) =>
      QUANTILES.flatMap((q, i) => {
        const error = errorOf(told(run)[i], run.clients[i]);
        const x = `${run.workload} ${nameOf(q)}`;
        return error === undefined || q < 0.99 ? [] : [[x, Math.max(LEAST_DRAWN, Math.abs(error))] as const];
      }),
    );
  return {
    name: 'latency-error',
    title: 'How far a source is from what clients measured (none: it does not say)',
    kind: 'bars',
    ...{ x: 'workload and quantile', y: 'error, %', isLogarithmic: true },
    series: [
      ...sources.map((name) => ({
        name,
        points: pointsOf(
          runs.filter((run) => sourceOf(run) === name),
          ({ log }) => log,
        ),
      })),
      {
        name: 'estimate',
        points: pointsOf(
          runs.filter(({ rate }) => rate === 1),
          ({ estimate }) => estimate,
        ),
      },
    ],
  };
};

export const overheadPlot = (priced: readonly Priced[]): Plot => ({
  name: 'latency-overhead',
  title: 'What logging a share of all statements costs a SELECT by primary key',
  kind: 'bars',
  ...{ x: 'share that is logged', y: 'backend CPU, % more than without' },
  series: [...new Set(priced.map(({ protocol }) => protocol))].map((protocol) => ({
    name: protocol,
    points: priced
      .filter((one) => one.protocol === protocol)
      .flatMap((one) => {
        const off = offOf(priced, one);
        return off === undefined || off === one ? [] : [[one.name, moreThan(one, off).median] as const];
      }),
  })),
});
