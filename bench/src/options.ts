import { parseArgs } from 'node:util';
import { parts } from './page/results';
import type { Part } from './part';

export type PartName = Part['part'];

/** What only one part understands; its main has the same under this name. */
const ofParts = {
  'postgres-exporter': { part: 'watching', value: 'PATH', says: 'another postgres_exporter, beside Debian’s' },
  'pgbouncer-exporter': { part: 'watching', value: 'PATH', says: 'another pgbouncer_exporter, beside Debian’s' },
  'index-advisor': { part: 'advice', value: 'FILE', says: 'supabase’s index_advisor--0.2.0.sql' },
  peer: {
    part: 'advice',
    value: 'NAME=FILE',
    says: 'what another tool wants (CREATE INDEX statements); more after a comma',
  },
  tpch: { part: 'advice', value: 'DIR', says: 'TPC-H’s own tables and queries, too' },
  workload: { part: 'advice', value: 'NAME', says: 'only this of TPC-H-like, joins, trading, reporting' },
  installation: { part: 'advice', value: 'DIR', says: 'of a PostgreSQL that has HypoPG' },
  rounds: { part: 'advice', value: 'N', says: 'how often everything is run' },
  sql: { part: 'advice', value: 'DIR', says: 'where workloads are written, for other tools' },
} as const satisfies Record<string, { part: PartName; value: string; says: string }>;

export type Asked = {
  readonly parts: readonly PartName[];
  readonly quick: boolean;
  readonly help: boolean;
  /** What each part is given further. */
  readonly given: Readonly<Record<string, readonly string[]>>;
};

export const askedOf = (words: readonly string[]): Asked | { readonly problem: string } => {
  const own = Object.fromEntries(Object.keys(ofParts).map((name) => [name, { type: 'string', multiple: true }]));
  try {
    const { values } = parseArgs({
      args: [...words],
      options: {
        ...(own as Record<keyof typeof ofParts, { type: 'string'; multiple: true }>),
        only: { type: 'string', multiple: true, default: [] },
        quick: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
    const { only, quick, help: wantsHelp, ...rest } = values;
    const unknown = only.find((name) => !parts.some((part) => part === name));
    if (unknown !== undefined) return { problem: `--only ${unknown}: there is no such part` };
    const given: Record<string, string[]> = {};
    for (const [name, list] of Object.entries(rest)) {
      const { part } = ofParts[name as keyof typeof ofParts];
      for (const value of list) (given[part] ??= []).push(`--${name}`, value);
    }
    const wanted = parts.filter((part) => only.length === 0 || only.includes(part));
    return { parts: wanted, quick, help: wantsHelp, given };
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
};

const line = (option: string, says: string): string => `  ${option.padEnd(28)} ${says}`.trimEnd();

const linesOf = (part: PartName): readonly string[] => {
  const own = Object.entries(ofParts).filter(([, option]) => option.part === part);
  return own.length === 0
    ? []
    : ['', `of ${part}:`, ...own.map(([name, { value, says }]) => line(`--${name} ${value}`, says))];
};

export const help = `npm run bench -- [--only PART]... [--quick] [options of parts]

Measures ${parts.join(', ')}, one after the other, and makes docs/benchmarks.md of it.

${line('--only PART', 'this part only; may be given more than once')}
${line('--quick', 'smaller and shorter, into a temporary folder: to see that it works')}
${line('--help', '')}
${parts.flatMap(linesOf).join('\n')}
`;
