import { knownSetting } from '../known/postgresql';
import type { Place } from '../parse/place';
import { booleanOf, quantityOf } from '../parse/quantity';
import { at, type Tree } from '../parse/yaml';
import { filesOf, type LiveFile, type Scene } from '../scene';
import { textAt } from './patroni';

/** A program that runs, as it was found. */
export type Live = { readonly file: LiveFile; readonly name: string; readonly root: Tree };

const ofKind =
  (key: 'server' | 'pool' | 'patroni') =>
  (scene: Scene): readonly Live[] =>
    filesOf(scene, 'live').flatMap((file) => {
      const name = textAt(file.root, key);
      return name === undefined ? [] : [{ file, name, root: file.root }];
    });

export const liveServersOf = ofKind('server');
export const livePoolsOf = ofKind('pool');
export const livePatronisOf = ofKind('patroni');

/** Its settings by name, with where they stand in what was found. */
export const settingsOf = ({ root }: Live): ReadonlyMap<string, Tree> => at(root, 'settings')?.entries ?? new Map();

export const itemsOf = ({ root }: Live, key: string): readonly Tree[] => at(root, key)?.items ?? [];

/** A place that is never empty: the name, where there is nothing else. */
export const placeOf = (tree: Tree | undefined, live: Live): Place =>
  tree !== undefined && tree.place.end > tree.place.start
    ? tree.place
    : (tree?.key ?? [...live.root.entries.values()][0]?.place ?? live.root.place);

const lower = (text: string): string => text.trim().toLowerCase();
/** Lists with and without blanks and quotes are the same. */
const plain = (text: string): string =>
  text
    .replaceAll(/\s*,\s*/g, ',')
    .replaceAll(/["']/g, '')
    .trim();

/** Numbers are the same if they are in the server's own unit. */
const sameNumber = (a: string, b: string, unit: string): boolean => {
  const [x, y] = [quantityOf(a, unit), quantityOf(b, unit)];
  const least = unit === '' ? 0 : (quantityOf('1', unit) ?? 0);
  return x !== undefined && y !== undefined && Math.abs(x - y) <= Math.max(least / 2, Math.abs(y) * 1e-9);
};

const sameBoolean = (a: string, b: string): boolean => booleanOf(a) !== undefined && booleanOf(a) === booleanOf(b);

/** Whether a server that shows `shown` has what a file says. */
export const isSameSetting = (name: string, written: string, shown: string): boolean => {
  const known = knownSetting(name);
  if (plain(written) === plain(shown)) return true;
  // The server chooses, and shows what it chose.
  if (/^-1$/.test(written.trim()) && name === 'wal_buffers') return true;
  if (known === undefined) return sameNumber(written, shown, '') || sameBoolean(written, shown);
  switch (known.type) {
    case 'bool':
      return sameBoolean(written, shown);
    case 'integer':
    case 'real':
      return sameNumber(written, shown, known.unit);
    case 'enum':
      return (
        lower(written) === lower(shown) ||
        sameBoolean(written, shown) ||
        // An enum that was a boolean once: "on" is the oldest of its methods.
        (name === 'wal_compression' && booleanOf(written) === true && lower(shown) === 'pglz')
      );
    case 'string':
      // A file beside the server's own is shown with its whole path.
      return shown.endsWith(`/${written.trim()}`);
  }
};

/** PgBouncer shows numbers and booleans as it keeps them. */
export const isSameOption = (written: string, shown: string): boolean =>
  plain(written) === plain(shown) ||
  sameBoolean(written, shown) ||
  (written.trim() !== '' && shown.trim() !== '' && Number(written) === Number(shown));
