/** What a user has put aside for himself alone, by recommendation. Kept in Grafana's per-user storage. */
export type Aside = {
  /** Milliseconds since the epoch; null: for good. */
  readonly until: number | null;
  readonly why: string;
  /** The severity it had then: one that became more severe is shown again. */
  readonly severity: string;
};
export type Asides = ReadonlyMap<string, Aside>;

const SEVERITIES = ['info', 'warning', 'critical'];
/** A storage entry is bounded; what was put aside first is forgotten first. */
const MOST = 200;

/** From storage; what is no such thing is left out: other versions of the app may have written it. */
export const parseAsides = (text: string | null): Asides => {
  let saved: unknown;
  try {
    saved = JSON.parse(text ?? '{}');
  } catch {
    return new Map();
  }
  if (typeof saved !== 'object' || saved === null || Array.isArray(saved)) return new Map();
  return new Map(
    Object.entries(saved).flatMap(([id, value]: [string, unknown]) => {
      const { until, why, severity } = (typeof value === 'object' && value !== null ? value : {}) as Record<
        string,
        unknown
      >;
      const isOne =
        (until === null || typeof until === 'number') && typeof why === 'string' && typeof severity === 'string';
      return isOne ? [[id, { until, why, severity }] as const] : [];
    }),
  );
};

export const writeAsides = (asides: Asides): string => JSON.stringify(Object.fromEntries([...asides].slice(-MOST)));

export const isAside = (
  asides: Asides,
  { id, severity }: { readonly id: string; readonly severity: string },
  now: number,
): boolean => {
  const one = asides.get(id);
  if (one === undefined || (one.until !== null && one.until <= now)) return false;
  return SEVERITIES.indexOf(severity) <= SEVERITIES.indexOf(one.severity);
};
