import { readFileSync } from 'node:fs';

export type OsRelease = { readonly id: string; readonly version: string; readonly name: string };

/** Reads the text of `/etc/os-release` (os-release(5)): shell-like assignments, values quoted or not. */
export const parseOsRelease = (text: string): OsRelease => {
  const values = new Map(
    text.split('\n').flatMap((line): [string, string][] => {
      const match = /^([A-Z_]+)=(?:"(.*)"|'(.*)'|(.*))$/.exec(line.trim());
      return match?.[1] === undefined ? [] : [[match[1], match[2] ?? match[3] ?? match[4] ?? '']];
    }),
  );
  const id = values.get('ID') ?? 'linux';
  return { id, version: values.get('VERSION_ID') ?? '', name: values.get('PRETTY_NAME') ?? id };
};

export const readOsRelease = (): OsRelease => {
  for (const path of ['/etc/os-release', '/usr/lib/os-release']) {
    try {
      return parseOsRelease(readFileSync(path, 'utf8'));
    } catch {
      continue;
    }
  }
  return { id: process.platform, version: '', name: process.platform };
};

/**
 * Whether the package names and versions this checkout knows are those of the system. Only Debian 12 was tried: its
 * derivatives rename and re-version packages (Ubuntu has no `etcd-server` before 24.04), so there we don't guess.
 */
export const isVouchedFor = ({ id, version }: OsRelease): boolean => id === 'debian' && version.split('.')[0] === '12';
