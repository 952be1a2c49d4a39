import type { AdviceState, Recommendation } from '@submilli/api/recommendations';
import type { ExporterName } from '../settings';

/** A recommendation, and whom to tell what is said about it. */
export type Advice = Recommendation & { readonly exporter: ExporterName };

export const severities = ['critical', 'warning', 'info'] as const;
export type Severity = (typeof severities)[number];

/** States of what somebody should still see to; the others wait, or are over. */
const OPEN: ReadonlySet<AdviceState> = new Set(['open', 'regressed', 'no-effect']);

export const isOpen = ({ state }: Pick<Recommendation, 'state'>): boolean => OPEN.has(state);

export const stateGroups = ['open', 'acknowledged', 'put aside', 'done', 'all'] as const;
export type StateGroup = (typeof stateGroups)[number];

const groupOfState = (state: AdviceState): StateGroup => {
  switch (state) {
    case 'open':
    case 'regressed':
    case 'no-effect':
      return 'open';
    case 'acknowledged':
      return 'acknowledged';
    case 'snoozed':
    case 'dismissed':
      return 'put aside';
    case 'applied':
    case 'verified':
    case 'resolved':
    case 'expired':
      return 'done';
  }
};

export type AdviceFilter = {
  readonly states: StateGroup;
  /** Empty: all. */
  readonly severity: string;
  readonly target: string;
  readonly text: string;
};

export const filterAdvice = (
  all: readonly Advice[],
  { states, severity, target, text }: AdviceFilter,
): readonly Advice[] => {
  const words = text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  return all.filter((one) => {
    const said = `${one.title} ${one.why} ${one.rule} ${one.target} ${one.action.text}`.toLowerCase();
    return (
      (states === 'all' || groupOfState(one.state) === states) &&
      (severity === '' || one.severity === severity) &&
      (target === '' || one.target === target) &&
      words.every((word) => said.includes(word))
    );
  });
};

const confidences = ['high', 'medium', 'low'];

/** The most severe first; among equals what is surest to help, then what has been there longest. */
export const bySeverity = (a: Advice, b: Advice): number =>
  severities.indexOf(a.severity) - severities.indexOf(b.severity) ||
  gainRank(a) - gainRank(b) ||
  a.firstSeen.localeCompare(b.firstSeen) ||
  a.id.localeCompare(b.id);

/** A gain that is stated, before and after, comes before one that is only described; then the surer, then the larger. */
const gainRank = ({ impact }: Advice): number => {
  const gain = relativeGain(impact);
  return (gain === null ? 10 : 0) + confidences.indexOf(impact.confidence) + (1 - (gain ?? 0)) / 2;
};

/** How much of what it was before is gone after, 0 to 1; null where it is not told in numbers of one unit. */
export const relativeGain = ({ before, after }: Recommendation['impact']): number | null => {
  const [from, to] = [amountOf(before), amountOf(after)];
  if (from === undefined || to === undefined || from.amount <= 0) return null;
  if (to.amount !== 0 && from.unit !== to.unit) return null;
  return Math.min(1, Math.max(0, 1 - to.amount / from.amount));
};

const amountOf = (text: string | null): { readonly amount: number; readonly unit: string } | undefined => {
  if (text === 'none') return { amount: 0, unit: '' };
  const [, amount, unit = ''] = /^([\d,.]+)\s*(.*)$/.exec(text ?? '') ?? [];
  const value = Number(amount?.replaceAll(',', ''));
  return amount === undefined || Number.isNaN(value) ? undefined : { amount: value, unit };
};

export const groupings = ['severity', 'target', 'rule', 'none'] as const;
export type Grouping = (typeof groupings)[number];

export type AdviceGroup = { readonly name: string; readonly advice: readonly Advice[] };

/** In the order of their most severe member. */
export const groupAdvice = (all: readonly Advice[], by: Grouping): readonly AdviceGroup[] => {
  const groups = new Map<string, Advice[]>();
  for (const one of [...all].sort(bySeverity)) {
    const name = by === 'none' ? '' : one[by];
    groups.set(name, [...(groups.get(name) ?? []), one]);
  }
  return [...groups].map(([name, advice]) => ({ name, advice }));
};

export type Counts = Readonly<Record<Severity, number>>;

/** How many are open, by severity. */
export const countOpen = (all: readonly Advice[]): Counts => ({
  critical: all.filter((one) => isOpen(one) && one.severity === 'critical').length,
  warning: all.filter((one) => isOpen(one) && one.severity === 'warning').length,
  info: all.filter((one) => isOpen(one) && one.severity === 'info').length,
});

/** Whether a recommendation is about a statement: its evidence or its words name it. */
export const concerns = ({ evidence, title, why, action }: Advice, queryid: string): boolean =>
  evidence.some(({ value }) => String(value) === queryid) ||
  [title, why, action.text].some((text) => text.includes(queryid));
