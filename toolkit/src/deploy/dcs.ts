import { isDeepStrictEqual } from 'node:util';
import type { SettingChange } from './step';

/** Patroni's dynamic configuration, as `GET /config` has it. */
export type Dcs = Readonly<Record<string, unknown>>;
type Path = readonly string[];

const isMap = (value: unknown): value is Dcs => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Patroni takes 256 and '256' for the same. */
export const isSameValue = (one: unknown, other: unknown): boolean =>
  isDeepStrictEqual(one ?? null, other ?? null) || (isScalar(one) && isScalar(other) && String(one) === String(other));

const isScalar = (value: unknown): value is string | number | boolean =>
  ['string', 'number', 'boolean'].includes(typeof value);

const PARAMETERS: Path = ['postgresql', 'parameters'];
/** Sections of settings each by itself, also where there is none yet: an empty one says nothing. */
const isContainer = (path: Path): boolean => path.length <= 2 && path.every((key, i) => key === PARAMETERS[i]);

const isPath = (path: Path, other: Path): boolean =>
  path.length === other.length && path.every((key, i) => key === other[i]);

/** Every place that has a value of its own. */
export const pathsOf = (dcs: Dcs, at: Path = []): string[][] =>
  Object.entries(dcs).flatMap(([key, value]) =>
    isMap(value) && Object.keys(value).length > 0 ? pathsOf(value, [...at, key]) : [[...at, key]],
  );

export const valueAt = (dcs: unknown, path: Path): unknown =>
  path.reduce<unknown>((value, key) => (isMap(value) ? value[key] : undefined), dcs);

export type DcsDifference = {
  readonly changes: readonly SettingChange[];
  /** What is live, is not wanted, and was not put there by us: somebody wants it. */
  readonly foreign: readonly { readonly path: Path; readonly value: unknown }[];
};

/**
 * From what is live to what is wanted. What we have put there (`owned`) and no longer want is taken away; what others
 * have put there stays.
 */
export const differenceOf = (live: Dcs, wanted: Dcs, owned: readonly Path[], at: Path = []): DcsDifference => {
  const isOurs = (path: Path): boolean => owned.some((one) => path.every((key, i) => one[i] === key));
  const parts = [...new Set([...Object.keys(live), ...Object.keys(wanted)])].map((key): DcsDifference => {
    const path = [...at, key];
    const [before, after] = [live[key] ?? null, wanted[key] ?? null];
    if (isMap(after) && (isMap(before) || isContainer(path))) {
      return differenceOf(isMap(before) ? before : {}, after, owned, path);
    }
    if (isSameValue(before, after)) return { changes: [], foreign: [] };
    if (after === null && !isOurs(path)) return { changes: [], foreign: [{ path, value: before }] };
    return { changes: [{ path, before, after }], foreign: [] };
  });
  return { changes: parts.flatMap(({ changes }) => changes), foreign: parts.flatMap(({ foreign }) => foreign) };
};

/** What `PATCH /config` takes. */
export const patchOf = (changes: readonly SettingChange[]): Record<string, unknown> => {
  const patch: Record<string, unknown> = {};
  for (const { path, after } of changes) {
    let map = patch;
    for (const key of path.slice(0, -1)) map = (map[key] ??= {}) as Record<string, unknown>;
    map[path.at(-1) ?? ''] = after ?? null;
  }
  return patch;
};

/** What `PATCH /config` makes of a configuration, by Patroni's `patch_config`. */
export const patched = (dcs: Dcs, patch: Dcs): Dcs => {
  const result: Record<string, unknown> = { ...dcs };
  for (const [key, value] of Object.entries(patch)) {
    const there = result[key];
    if (value === null) delete result[key];
    else result[key] = isMap(value) && isMap(there) ? patched(there, value) : value;
  }
  return result;
};

/** The name of PostgreSQL's setting at a place; undefined for Patroni's own. */
export const parameterAt = (path: Path): string | undefined =>
  path.length === 3 && isPath(path.slice(0, 2), PARAMETERS) ? path[2] : undefined;

/** As people call it. */
export const nameOf = (path: Path): string => parameterAt(path) ?? path.join('.');

/** A value as people read it. */
export const textOf = (value: unknown): string =>
  typeof value === 'string' ? value : value === null || value === undefined ? 'none' : JSON.stringify(value);
