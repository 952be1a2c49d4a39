import { median } from '../median';
import type { Cell, Goal, Plot, Table } from '../part';
import type { Choice, Planned, StatementCost } from './contest';
import type { Measured } from './measure';

/** A choice with what the planner said of it and what was measured. */
export type Entry = { readonly choice: Choice; readonly planned: Planned; readonly measured: Measured };

/** All about one workload. The first entry is of no index. */
export type Contest = { readonly workload: string; readonly title: string; readonly entries: readonly Entry[] };

export const NONE = 'no advice';
export const ANY = 'ours, any storage';
export const noMoreThan = (peer: string): string => `ours, no more than ${peer}`;

/** Two measures of costs, relative to those without an index: of each statement alike, and of each call alike. */
export const relative = (
  costs: readonly StatementCost[],
  base: readonly StatementCost[],
): { readonly geomean: number; readonly sum: number } => {
  const before = new Map(base.map(({ id, cost }) => [id, cost]));
  const both = costs.flatMap(({ id, perSecond, cost }) => {
    const was = before.get(id);
    return was === undefined || was <= 0 || cost <= 0 ? [] : [{ perSecond, cost, was }];
  });
  const logs = both.reduce((sum, { cost, was }) => sum + Math.log(cost / was), 0);
  const now = both.reduce((sum, { perSecond, cost }) => sum + perSecond * cost, 0);
  const then = both.reduce((sum, { perSecond, was }) => sum + perSecond * was, 0);
  return { geomean: Math.exp(logs / both.length), sum: now / then };
};

const rounded = (value: number, digits = 3): number => Number(value.toPrecision(digits));
const megabytes = (bytes: number): number => Number((bytes / 1e6).toFixed(1));

const costsOf = ({ entries }: Contest, { planned }: Entry) => relative(planned.costs, entries[0]?.planned.costs ?? []);

export const tableOf = (contest: Contest): Table => ({
  title: contest.title,
  columns: [
    ...['who', 'indexes', 'HypoPG MB', 'built MB', 'geomean of cost', 'Σ calls · cost', 'run time s per hour'],
    ...['least–most', 'writes s per hour', 'plans asked', 'advisor s'],
  ],
  rows: contest.entries.map((entry): readonly Cell[] => {
    const { choice, planned, measured } = entry;
    const { geomean, sum } = costsOf(contest, entry);
    const range = [Math.min(...measured.perHour), Math.max(...measured.perHour)].map((value) => rounded(value));
    const writes = median(measured.writes);
    return [
      ...[choice.name, choice.definitions.length, megabytes(planned.bytes), megabytes(measured.bytes)],
      ...[rounded(geomean), rounded(sum), rounded(median(measured.perHour)), range.join('–')],
      ...[writes === 0 ? null : rounded(writes), choice.explains],
      choice.seconds === null ? null : rounded(choice.seconds, 2),
    ];
  }),
});

type Pair = { readonly contest: Contest; readonly theirs: Entry; readonly own: Entry };

const pairOf = (contest: Contest, peer: string): Pair | undefined => {
  const theirs = contest.entries.find(({ choice }) => choice.name === peer);
  const own = contest.entries.find(({ choice }) => choice.name === noMoreThan(peer));
  return theirs === undefined || own === undefined ? undefined : { contest, theirs, own };
};

/** Round by round, since neighbours in time had the same machine. */
export const ratios = (own: readonly number[], theirs: readonly number[]): readonly number[] =>
  own.flatMap((value, i) => {
    const other = theirs[i];
    return other === undefined || !(other > 0) ? [] : [value / other];
  });

/** Beside a peer; without one, beside no advice. */
export const goalsOf = (contests: readonly Contest[], peer: string): readonly Goal[] => {
  const pairs = contests.flatMap((contest) => pairOf(contest, peer) ?? []);
  return pairs.length === 0 ? alone(contests) : beside(pairs, peer);
};

const listed = (pairs: readonly Pair[], text: (pair: Pair) => string): string =>
  pairs.map((pair) => `${pair.contest.workload} ${text(pair)}`).join(', ');

const beside = (pairs: readonly Pair[], peer: string): readonly Goal[] => {
  const costRatio = ({ contest, theirs, own }: Pair, of: 'sum' | 'geomean'): number =>
    costsOf(contest, own)[of] / costsOf(contest, theirs)[of];
  const timeRatios = ({ own, theirs }: Pair) => ratios(own.measured.perHour, theirs.measured.perHour);
  const cost = (of: 'sum' | 'geomean', what: string): Goal => ({
    what: `${what} with our indexes, relative to ${peer}’s, with no more storage`,
    target: 'at most 1 for each workload',
    measured: listed(pairs, (pair) => costRatio(pair, of).toFixed(2)),
    met: pairs.every((pair) => costRatio(pair, of) <= 1),
  });
  return [
    cost('sum', 'Cost of all calls by the planner'),
    cost('geomean', 'Cost of a statement by the planner (geometric mean)'),
    {
      what: `Measured run time with our indexes, relative to ${peer}’s, with no more storage: median of rounds`,
      target: 'at most 1, or not above 1 in each round',
      measured: listed(pairs, (pair) => {
        const all = timeRatios(pair);
        return `${median(all).toFixed(2)} (${Math.min(...all).toFixed(2)}–${Math.max(...all).toFixed(2)})`;
      }),
      met: pairs.every((pair) => timeRatios(pair).some((ratio) => ratio <= 1)),
    },
    {
      what: `Room that our indexes really take, relative to ${peer}’s`,
      target: 'at most 1 for each workload',
      measured: listed(pairs, ({ own, theirs }) => (own.measured.bytes / theirs.measured.bytes).toFixed(2)),
      met: pairs.every(({ own, theirs }) => own.measured.bytes <= theirs.measured.bytes),
    },
  ];
};

const alone = (contests: readonly Contest[]): readonly Goal[] => {
  const found = contests.flatMap(({ workload, entries }) => {
    const [none, any] = [NONE, ANY].map((name) => entries.find(({ choice }) => choice.name === name));
    return none === undefined || any === undefined
      ? []
      : [{ workload, of: ratios(any.measured.perHour, none.measured.perHour) }];
  });
  if (found.length === 0) return [];
  return [
    {
      what: 'Measured run time with our indexes, relative to none: median of rounds',
      target: 'less than 1 for each workload',
      measured: found.map(({ workload, of }) => `${workload} ${median(of).toFixed(2)}`).join(', '),
      met: found.every(({ of }) => median(of) < 1),
    },
  ];
};

/** Relative to no index, of everybody who has some. */
export const plotsOf = (contests: readonly Contest[]): readonly Plot[] => {
  const all = new Set(contests.flatMap(({ entries }) => entries.map(({ choice }) => choice.name)));
  // Ours within the same room first: it has the colour that the exporters have elsewhere.
  const place = (name: string): number => (name === ANY ? 2 : name.startsWith('ours') ? 0 : 1);
  const names = [...all].filter((name) => name !== NONE).sort((a, b) => place(a) - place(b));
  const seriesBy = (value: (contest: Contest, entry: Entry) => number): Plot['series'] =>
    names.map((name) => ({
      name,
      points: contests.flatMap((contest): [string, number][] => {
        const entry = contest.entries.find(({ choice }) => choice.name === name);
        return entry === undefined ? [] : [[contest.workload, rounded(value(contest, entry))]];
      }),
    }));
  const common = { kind: 'bars', x: 'workload', isLogarithmic: true } as const;
  return [
    {
      ...{ ...common, name: 'advice-cost', title: 'Cost of all calls by the planner, without an index = 1' },
      ...{ y: 'Σ calls · cost, relative', series: seriesBy((contest, entry) => costsOf(contest, entry).sum) },
    },
    {
      ...{ ...common, name: 'advice-time', title: 'Measured run time, without an index = 1' },
      y: 'run time, relative',
      series: seriesBy(({ entries }, { measured }) =>
        median(ratios(measured.perHour, entries[0]?.measured.perHour ?? [])),
      ),
    },
  ];
};
