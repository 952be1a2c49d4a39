import { availableParallelism, totalmem } from 'node:os';
import { type Tree, at, parseYaml } from './parse/yaml';
import type { Given } from './files/read';
import type { Context } from './scene';

/** What the command line says of what the files are for. */
export type Wanted = {
  readonly memoryMb?: number | undefined;
  readonly cpus?: number | undefined;
  readonly disk?: 'ssd' | 'hdd' | undefined;
  readonly openFiles: number;
  readonly patroni?: string | undefined;
  readonly pgbouncer: string;
  readonly postgresql?: number | undefined;
};

const numbers = (members: readonly Tree[], key: string): number[] =>
  members.map((member) => Number(at(member, key)?.text)).filter((number) => number > 0);

const least = (all: readonly number[]): number | undefined => (all.length === 0 ? undefined : Math.min(...all));

/**
 * The machine and the versions: what the command line says, else what the section `reference` of a submilli.yml among the
 * files says (the smallest of its machines: each may have to lead), else this machine, with flash storage.
 */
export const contextOf = (wanted: Wanted, given: readonly Given[]): Context => {
  const references = given
    .filter(({ kind }) => kind === 'submilli')
    .flatMap(({ source }) => at(parseYaml(source).root, 'reference') ?? []);
  const members = references.flatMap((reference) => at(reference, 'members')?.items ?? []);
  const said = (key: string): string | undefined =>
    references.map((one) => at(one, 'versions', key)?.text).find((text) => text !== undefined);
  const isDisk = members.some((member) => at(member, 'storage')?.text === 'hdd');
  return {
    machine: {
      memory_mb: wanted.memoryMb ?? least(numbers(members, 'memory_mb')) ?? Math.floor(totalmem() / 1024 ** 2),
      cores: wanted.cpus ?? least(numbers(members, 'cores')) ?? availableParallelism(),
      storage: wanted.disk ?? (isDisk ? 'hdd' : 'ssd'),
    },
    versions: {
      patroni: wanted.patroni ?? said('patroni'),
      pgbouncer: wanted.pgbouncer,
      postgresql: wanted.postgresql ?? Number(said('postgresql') ?? 15),
    },
    openFiles: wanted.openFiles,
  };
};
