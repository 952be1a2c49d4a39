/** What both writers are given: the same families, series and values. */
export const kinds = ['gauge', 'counter', 'histogram'] as const;
export type Kind = (typeof kinds)[number];

export type Load = {
  readonly kind: Kind;
  readonly families: readonly LoadFamily[];
};

export type LoadFamily = { readonly name: string; readonly help: string; readonly series: readonly Series[] };

/** `values`: one of a gauge or a counter, the observations of a histogram. */
export type Series = { readonly labels: Labels; readonly values: readonly number[] };
export type Labels = Readonly<Record<(typeof labelNames)[number], string>>;

export const labelNames = ['database', 'schemaname', 'relname'] as const;
export const BOUNDS: readonly number[] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];

const FAMILIES = 10;
const OBSERVATIONS = 5;
/** A histogram is a line for each bucket, +Inf, sum and count. */
const LINES_OF_HISTOGRAM = BOUNDS.length + 3;

/** About `lines` lines of exposition in ten families; the same at each call. */
export const loadOf = (kind: Kind, lines: number): Load => {
  const series = Math.max(1, Math.round(lines / FAMILIES / (kind === 'histogram' ? LINES_OF_HISTOGRAM : 1)));
  const families = Array.from({ length: FAMILIES }, (_, family): LoadFamily => ({
    name: `bench_${kind}_${String(family)}${kind === 'counter' ? '_total' : '_seconds'}`,
    help: `Family ${String(family)} of the bench.`,
    series: Array.from({ length: series }, (_, i) => ({
      labels: labelsOf(i),
      values: Array.from({ length: kind === 'histogram' ? OBSERVATIONS : 1 }, (_, j) => valueOf(family, i, j)),
    })),
  }));
  return { kind, families };
};

/** One in a hundred names has to be escaped. */
const labelsOf = (i: number): Labels => ({
  database: `app_${String(i % 7)}`,
  schemaname: i % 3 === 0 ? 'public' : 'sales',
  relname: i % 100 === 99 ? `odd "name" ${String(i)}` : `order_lines_${String(i)}`,
});

/** Counts and seconds by turns, spread by a multiplication without a period that matters. */
const valueOf = (family: number, i: number, j: number): number => {
  const spread = ((family * 7919 + i * 104_729 + j * 1299709) % 1_000_003) / 1_000_003;
  return i % 2 === 0 ? Math.floor(spread * 1e6) / 1e6 : spread;
};
