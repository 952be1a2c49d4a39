import type { Refused } from './advise';
import type { DropAdvice } from './drop';
import { type Candidate, type Ddl, ddlFor } from './candidate';
import type { Explored } from './explore';
import { asExisting } from './covers';
import type { Catalog, ExistingIndex, Refusal } from './model';
import type { Goal, Judgement } from './objective';
import type { Query, Unusable } from './query';
import type { Selection } from './select';
import { type SizeRange, sizeOf } from './size';
import type { Trial } from './trials';
import type { Costs } from './whatif';
import { poolStatements, type Workload } from './workload';
import { type WriteTax, writeTaxOf } from './write-cost';
import type { WriteRate } from './writes';

/** One statement before and after, in the planner's units per call. */
export type Effect = {
  readonly statement: string;
  readonly callsPerSecond: number;
  readonly before: number;
  readonly after: number;
  /** Share of the time of all statements, as it was measured. */
  readonly timeShare: number;
};

export type Confidence = 'low' | 'medium' | 'high';

export type AdvisedIndex = Ddl & {
  readonly schema: string;
  readonly table: string;
  /** What it is on, without a name: the same in every report. */
  readonly definition: string;
  /** As it will be in the catalog, so that it is known when it is there. */
  readonly structure: ExistingIndex;
  readonly size: SizeRange;
  readonly tax: WriteTax;
  readonly effects: readonly Effect[];
  readonly confidence: Confidence;
  /** How all this is known, and what is not. */
  readonly measured: string;
  readonly warnings: readonly string[];
};

export type StatementOutcome = { readonly statement: string; readonly reasons: readonly Refusal[] };

export type Advice = {
  readonly indexes: readonly AdvisedIndex[];
  /** Statements that got no index, each with why. */
  readonly without: readonly StatementOutcome[];
  readonly trials: readonly Trial[];
  readonly drops: readonly DropAdvice[];
  readonly judgement: Judgement;
  readonly plannerChecked: boolean;
  readonly explains: number;
  /** The budget ended first: more time might find more. */
  readonly overBudget: boolean;
  readonly seconds: number;
  readonly bytes: number;
  readonly storageBytes: number;
};

export type ReportInput = {
  readonly workload: Workload;
  readonly catalog: Catalog;
  readonly goal: Goal;
  readonly explored: Explored;
  readonly selection: Selection;
  readonly costs: Costs;
  readonly writes: readonly WriteRate[];
  readonly unusable: readonly Unusable[];
  readonly refused: readonly Refused[];
  readonly trials: readonly Trial[];
  readonly drops: readonly DropAdvice[];
  readonly checked: boolean;
  readonly share: (candidate: Candidate) => number;
  readonly explains: number;
  readonly overBudget: boolean;
  readonly seconds: number;
  readonly storageBytes: number;
};

export const reportOf = async (input: ReportInput): Promise<Advice> => {
  const { selection, checked, storageBytes } = input;
  const effects = await effectsBy(input);
  const taken = new Set(input.catalog.tables.flatMap(({ indexes }) => indexes.map(({ name }) => name)));
  const indexes: AdvisedIndex[] = [];
  for (const candidate of selection.chosen) {
    const own = effects.get(candidate.id) ?? [];
    const index = advisedIndex(candidate, own, taken, input);
    taken.add(index.name);
    indexes.push(index);
  }
  indexes.sort((a, b) => weightOf(b) - weightOf(a) || (a.definition < b.definition ? -1 : 1));
  return {
    ...{
      indexes,
      without: withoutIndex(input),
      trials: input.trials,
      drops: input.drops,
      judgement: selection.judgement,
    },
    ...{ plannerChecked: checked, explains: input.explains, overBudget: input.overBudget, seconds: input.seconds },
    bytes: indexes.reduce((sum, { size }) => sum + size.expected, 0),
    storageBytes,
  };
};

const weightOf = ({ effects }: AdvisedIndex): number =>
  effects.reduce((sum, { callsPerSecond, before, after }) => sum + callsPerSecond * (before - after), 0);

/** Of each chosen index, the statements whose plans use it. */
const effectsBy = async ({ goal, selection, costs, workload }: ReportInput): Promise<Map<string, Effect[]>> => {
  const all = workload.statements.reduce((sum, { seconds }) => sum + seconds, 0);
  const effects = new Map<string, Effect[]>();
  for (const { query, base } of goal.queries) {
    const found = await costs.of(query, selection.chosen);
    for (const { id } of found?.used ?? []) {
      const { statement, perSecond } = query;
      const timeShare = all > 0 ? statement.seconds / all : 0;
      const effect = {
        statement: statement.id,
        callsPerSecond: perSecond,
        before: base,
        after: found?.cost ?? base,
        timeShare,
      };
      effects.set(id, [...(effects.get(id) ?? []), effect]);
    }
  }
  return effects;
};

const advisedIndex = (
  candidate: Candidate,
  effects: readonly Effect[],
  taken: ReadonlySet<string>,
  { writes, checked, share }: ReportInput,
): AdvisedIndex => {
  const tax = writeTaxOf(candidate, writes);
  const size = sizeOf(candidate, share(candidate));
  const analysed =
    candidate.table.rows !== null && [...candidate.table.columns.values()].some(({ width }) => width !== null);
  return {
    ...ddlFor(candidate, taken),
    ...{ schema: candidate.table.schema, table: candidate.table.name, definition: candidate.id },
    structure: asExisting(candidate),
    ...{ size, tax, effects, warnings: warningsOf(candidate, tax) },
    confidence: !checked ? (analysed ? 'medium' : 'low') : tax.known && analysed ? 'high' : 'medium',
    measured: [
      checked
        ? 'the planner was asked what it would do with this index (HypoPG)'
        : 'estimated from statistics; no planner was asked, as HypoPG is not at hand',
      ...(analysed ? [] : ['the table was never analysed, or its statistics are hidden from us']),
      ...(tax.known ? [] : ['this server does not count writes (a standby), so the cost of writing is not known here']),
    ].join('; '),
  };
};

const warningsOf = ({ table, include }: Candidate, { breaksHot, hotBefore, hotAfter }: WriteTax): string[] => [
  ...(breaksHot
    ? [
        `breaks HOT: updates set a column of it${
          hotBefore === null || hotAfter === null ? '' : ` (heap-only ${percent(hotBefore)}, then ${percent(hotAfter)})`
        }`,
      ]
    : []),
  ...(include.length > 0 && table.allVisible < 1
    ? ['answers from the index alone only where VACUUM keeps up with the table']
    : []),
];

const percent = (share: number): string => `${Math.round(share * 100)} %`;

/** Every statement that no chosen index serves, and why. */
const withoutIndex = ({
  goal,
  explored,
  selection,
  unusable,
  refused,
  trials,
  storageBytes,
}: ReportInput): StatementOutcome[] => {
  const tried = new Set(trials.map(({ statement }) => statement));
  const chosen = goal.queries.flatMap(({ query, base }, i): StatementOutcome[] => {
    if ((selection.costs[i] ?? base) < base) return [];
    const floor = explored.floors[i] ?? base;
    const considered = explored.considered[i] ?? null;
    const why = tried.has(query.statement.id) ? needsTrial : whyNot(query, { base, floor, considered, storageBytes });
    return [{ statement: query.statement.id, reasons: [...query.notes, why] }];
  });
  return [
    ...chosen,
    ...refused.map(({ query, refusal }) => ({ statement: query.statement.id, reasons: [...query.notes, refusal] })),
    ...unusable.map(({ statement, refusals }) => ({ statement: statement.id, reasons: refusals })),
  ];
};

const needsTrial: Refusal = {
  reason: 'needs_trial',
  detail: 'only an index of another kind could help, which no planner can be asked about; see trials',
};

type Outcome = {
  readonly base: number;
  readonly floor: number;
  readonly considered: number | null;
  readonly storageBytes: number;
};

const whyNot = ({ slots }: Query, { base, floor, considered, storageBytes }: Outcome): Refusal => {
  const [first] = slots;
  if (first !== undefined && slots.every(({ table }) => table.kind === 'partitioned')) {
    return { reason: 'partitioned', detail: 'tables of partitions are not looked at yet' };
  }
  if (floor < base) {
    const saved = Math.round((1 - floor / base) * 100);
    const detail = `an index could take ${saved} % off its cost, but not for what it costs to write, or within ${Math.round(storageBytes / 1e6)} MB`;
    return { reason: 'not_worth_it', detail };
  }
  if (considered === null) return { reason: 'over_budget', detail: 'the budget for plans was spent before its turn' };
  if (considered === 0)
    return { reason: 'nothing_to_index', detail: 'its tables are small, served already, or it reads them whole' };
  return { reason: 'no_gain', detail: `none of ${considered} indexes would make its plan cheaper` };
};

/** What a workload is, pooled: for callers that gather it from several places. */
export const pooled = (workload: Workload): Workload => ({
  ...workload,
  statements: poolStatements(workload.statements),
});
