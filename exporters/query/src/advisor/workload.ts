/** One statement and what it did over the window. Literals in `text` are looked at only where the caller kept them. */
export type Statement = {
  /** Fingerprint; an id of 64 bits is text. */
  readonly id: string;
  readonly text: string;
  readonly calls: number;
  readonly seconds: number;
  readonly rows: number;
  /** Of who runs it: decides where its tables are found. */
  readonly role?: string | undefined;
};

export type Workload = {
  /** How long was watched. */
  readonly seconds: number;
  readonly statements: readonly Statement[];
};

/** The same statement of several roles, or from several servers, counts together. The one with most calls lends its role. */
export const poolStatements = (statements: readonly Statement[]): readonly Statement[] => {
  const pooled = new Map<string, Statement>();
  for (const one of statements) {
    const before = pooled.get(one.id);
    pooled.set(one.id, before === undefined ? one : together(before, one));
  }
  return [...pooled.values()].sort((a, b) => b.seconds - a.seconds || (a.id < b.id ? -1 : 1));
};

const together = (a: Statement, b: Statement): Statement => ({
  ...(b.calls > a.calls ? b : a),
  ...{ calls: a.calls + b.calls, seconds: a.seconds + b.seconds, rows: a.rows + b.rows },
});

export const rowsPerCall = ({ calls, rows }: Statement): number | undefined => (calls > 0 ? rows / calls : undefined);
