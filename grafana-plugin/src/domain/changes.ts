import type { Series } from '../prometheus/query';

/** What became different within a span of time. */
export type Change =
  | { readonly kind: 'score'; readonly database: string; readonly from: number; readonly to: number }
  | { readonly kind: 'advice'; readonly count: number; readonly critical: number }
  | { readonly kind: 'failover'; readonly count: number }
  | { readonly kind: 'alerts'; readonly count: number };

type Seen = {
  readonly scores: readonly Series[];
  readonly advice: readonly { readonly firstSeen: string; readonly severity: string }[];
  readonly failovers: number;
  readonly alerts: number;
  /** Milliseconds since the epoch. */
  readonly from: number;
};

/** Points by which a score must differ to be worth a word. */
const NOTABLE = 3;

/** The worst first: what happened, then what is said about it. Empty: nothing of note. */
export const changesIn = ({ scores, advice, failovers, alerts, from }: Seen): readonly Change[] => {
  const moved = scores
    .flatMap(({ labels, values }): Change[] => {
      const [first, last] = [values[0], values.at(-1)];
      if (first === undefined || last === undefined || Math.abs(last - first) < NOTABLE) return [];
      return [{ kind: 'score', database: labels.database ?? '', from: Math.round(first), to: Math.round(last) }];
    })
    .sort((a, b) => (a.kind === 'score' && b.kind === 'score' ? a.to - a.from - (b.to - b.from) : 0));
  const fresh = advice.filter(({ firstSeen }) => Date.parse(firstSeen) >= from);
  const critical = fresh.filter(({ severity }) => severity === 'critical').length;
  return [
    ...(failovers > 0 ? [{ kind: 'failover', count: failovers } as const] : []),
    ...(alerts > 0 ? [{ kind: 'alerts', count: alerts } as const] : []),
    ...moved,
    ...(fresh.length > 0 ? [{ kind: 'advice', count: fresh.length, critical } as const] : []),
  ];
};
