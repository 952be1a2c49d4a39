import { writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';

/** A goal of the project, and what came of it. */
export type Goal = {
  /** As a sentence: "Database time per scrape at 1,000 tables, relative to postgres_exporter". */
  readonly what: string;
  readonly target: string;
  readonly measured: string;
  readonly met: boolean;
};

export type Cell = string | number | null;

/** Names of columns say their units: "scrape P99 ms". What was not measured is null. */
export type Table = {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
};

/** Drawn into docs/images/bench-NAME.svg. */
export type Plot = {
  readonly name: string;
  readonly title: string;
  readonly kind: 'bars' | 'lines';
  readonly x: string;
  readonly y: string;
  readonly isLogarithmic?: boolean;
  readonly series: readonly {
    readonly name: string;
    /** Of lines x is a number. */
    readonly points: readonly (readonly [x: string | number, y: number])[];
  }[];
};

/** What one part of the bench found. Why a goal was missed is written by people, in bench/remarks/PART.md. */
export type Part = {
  readonly part: 'watching' | 'latency' | 'advice' | 'scale' | 'exposition';
  readonly title: string;
  /** How it was measured, sentences. */
  readonly how: readonly string[];
  readonly goals: readonly Goal[];
  readonly tables: readonly Table[];
  readonly plots: readonly Plot[];
};

export type Measured = Part & {
  readonly startedAt: string;
  readonly seconds: number;
  readonly machine: { readonly processors: number; readonly model: string; readonly loadAverageBefore: number };
  readonly node: string;
};

export const say = (text: string): void => void process.stderr.write(`${text}\n`);

/**
 * A part's main: `--json FILE` is where its result goes, `--quick` is to see that it works, not to believe it. Further
 * flags that a part takes have a value each.
 */
export const runPart = async <const F extends string = never>(
  measure: (quick: boolean, given: Readonly<Partial<Record<F, string>>>) => Promise<Part>,
  flags: readonly F[] = [],
): Promise<void> => {
  const { values } = parseArgs({
    options: {
      ...Object.fromEntries(flags.map((flag) => [flag, { type: 'string' as const }])),
      json: { type: 'string' },
      quick: { type: 'boolean', default: false },
    },
  });
  const started = new Date();
  const loadAverageBefore = loadavg()[0] ?? NaN;
  const given = Object.fromEntries(flags.map((flag) => [flag, (values as Record<string, unknown>)[flag]]));
  const part = await measure(values.quick, given as Partial<Record<F, string>>);
  const measured: Measured = {
    ...part,
    startedAt: started.toISOString(),
    seconds: Math.round((Date.now() - started.getTime()) / 1000),
    machine: { processors: cpus().length, model: cpus()[0]?.model ?? 'unknown', loadAverageBefore },
    node: process.version,
  };
  const text = `${JSON.stringify(measured, null, 2)}\n`;
  if (values.json === undefined) process.stdout.write(text);
  else writeFileSync(values.json, text);
};
