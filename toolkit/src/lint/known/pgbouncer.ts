import { pgbouncer118, pgbouncer118Hidden, pgbouncerLater } from './pgbouncer-1.18';

export type KnownOption = {
  readonly name: string;
  readonly type: 'integer' | 'seconds' | 'text' | 'enum';
  readonly reload: boolean;
  readonly values: readonly string[];
  readonly default: string;
};

const options = new Map(
  pgbouncer118
    .split('\n')
    .filter((line) => line !== '')
    .map((line): [string, KnownOption] => {
      const [name = '', type = '', reload = '', values = '', ...rest] = line.split('|');
      return [
        name,
        {
          ...{ name, type: type as KnownOption['type'], reload: reload === 'yes' },
          ...{ values: values === '' ? [] : values.split(','), default: rest.join('|') },
        },
      ];
    }),
);

export const knownOption = (name: string): KnownOption | undefined => options.get(name);
/** The first version that takes it, if that is later than 1.18. */
export const optionSince = (name: string): string | undefined => pgbouncerLater[name];
export const optionNames = (): string[] => [...options.keys(), ...pgbouncer118Hidden, ...Object.keys(pgbouncerLater)];
export const isOption = (name: string): boolean => options.has(name) || pgbouncer118Hidden.includes(name);
