import { postgresql15 } from './postgresql-15';
import { postgresqlOthers } from './postgresql-others';

export type KnownSetting = {
  readonly name: string;
  readonly type: 'bool' | 'integer' | 'real' | 'string' | 'enum';
  /** Of a bare number: 8kB, ms, …; empty for none. */
  readonly unit: string;
  readonly context: string;
  readonly min: number;
  readonly max: number;
  readonly values: readonly string[];
  readonly default: string;
};

const linesOf = (table: string): string[] => table.split('\n').filter((line) => line !== '');
const limit = (text: string, none: number): number => (text === '' ? none : Number(text));

const settings = new Map(
  linesOf(postgresql15).map((line): [string, KnownSetting] => {
    const [name = '', type = '', unit = '', context = '', min = '', max = '', values = '', ...rest] = line.split('|');
    return [
      name.toLowerCase(),
      {
        ...{ name, type: type as KnownSetting['type'], unit, context },
        ...{ min: limit(min, -Infinity), max: limit(max, Infinity) },
        ...{ values: values === '' ? [] : values.split(','), default: rest.join('|') },
      },
    ];
  }),
);

/** When other versions know a setting: from one, and up to another. */
export type Elsewhere = { readonly since: string; readonly gone: string | undefined };

const others = new Map(
  linesOf(postgresqlOthers).map((line): [string, Elsewhere] => {
    const [name = '', since = '', gone = ''] = line.split('|');
    return [name, { since, gone: gone === '' ? undefined : gone }];
  }),
);

export const knownSetting = (name: string): KnownSetting | undefined => settings.get(name.toLowerCase());
export const elsewhere = (name: string): Elsewhere | undefined => others.get(name.toLowerCase());
export const settingNames = (): string[] => [...settings.values()].map(({ name }) => name);
