import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, resolve } from 'node:path';
import { messageOf, SubmilliError } from '@submilli/core';
import type { Reader, Source } from '../parse/place';
import type { FileKind } from '../scene';
import { kindOf } from './kind';

/** More is no configuration. */
const MOST_BYTES = 4 * 1024 * 1024;
const MOST_DEEP = 5;
const NOT_CONFIGURATION = /^(\..*|node_modules|dist|certs|secrets|fixtures)$/;

export type Given = { readonly kind: FileKind; readonly source: Source };

const readText = (path: string): string => {
  try {
    const { size } = statSync(path);
    if (size > MOST_BYTES) throw new Error(`${size} bytes are no configuration`);
    return readFileSync(path, 'utf8').replace(/^\uFEFF/, '');
  } catch (cause) {
    throw new SubmilliError({ what: `cannot read it (${messageOf(cause)})`, where: path, cause });
  }
};

const below = (folder: string, deep: number): string[] =>
  readdirSync(folder, { withFileTypes: true })
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory())
        return deep > MOST_DEEP || NOT_CONFIGURATION.test(entry.name) ? [] : below(path, deep + 1);
      return entry.isFile() && /\.(ini|conf|cfg|ya?ml)$|^userlist.*\.txt$|^etcd$/.test(entry.name) ? [path] : [];
    });

/** The files that are given; of a folder those of a kind we know, however deep. */
export const readGiven = (paths: readonly string[], kind: FileKind | undefined, stdin: () => string): Given[] =>
  paths.flatMap((path): Given[] => {
    if (path === '-') return [named('<stdin>', stdin(), kind)];
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) {
      return below(path, 0).flatMap((one) => {
        const text = readText(one);
        const found = kindOf(one, text);
        return found === undefined ? [] : [{ kind: found, source: { path: one, text } }];
      });
    }
    return [named(path, readText(path), kind)];
  });

const named = (path: string, text: string, wanted: FileKind | undefined): Given => {
  const kind = wanted ?? kindOf(path, text);
  if (kind === undefined) {
    const hint = 'Say what it is: --kind pgbouncer, userlist, patroni, postgresql, hba, haproxy, etcd, pgbackrest, …';
    throw new SubmilliError({
      what: 'neither its name nor what is in it says which program it is for',
      where: path,
      hint,
    });
  }
  return { kind, source: { path, text } };
};

/**
 * What a file includes: from where it says, else from beside the file, as it will be when both are where they belong. A
 * folder is all of its *.conf.
 */
export const includedFile: Reader = (path, from) => {
  const beside = dirname(from.path);
  const there = isAbsolute(path) ? path : resolve(beside, path);
  for (const candidate of [there, join(beside, basename(path))]) {
    try {
      if (statSync(candidate).isDirectory()) {
        const names = readdirSync(candidate).filter((name) => /^[^.].*\.conf$/.test(name));
        const text = names
          .toSorted()
          .map((name) => `include '${join(candidate, name)}'\n`)
          .join('');
        return { path: candidate, text };
      }
      if (resolve(candidate) !== resolve(from.path)) return { path: candidate, text: readText(candidate) };
    } catch {
      // Not there: said as a finding of the file that wants it.
    }
  }
  return undefined;
};
