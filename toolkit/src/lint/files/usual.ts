import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { at, parseYaml } from '../parse/yaml';
import { kindOf } from './kind';

export const isFile = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() === true;

/** What is looked at where no file is named: the configuration, what it names, and what lies in this folder. */
export const usualFiles = (config: string, folder: string): string[] => {
  const own = isFile(config) ? [config] : [];
  const named = own.flatMap((path) => {
    const clusters = at(parseYaml({ path, text: readFileSync(path, 'utf8') }).root, 'clusters')?.items ?? [];
    return clusters.flatMap((cluster) => {
      const backup = at(cluster, 'backup', 'config')?.text;
      return backup === undefined ? [] : [resolve(folder, backup)];
    });
  });
  const here = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(ini|conf|cfg|ya?ml|txt)$/.test(entry.name))
    .map(({ name }) => join(folder, name))
    .filter((path) => kindOf(path, readFileSync(path, 'utf8')) !== undefined);
  const all = [...own, ...named.filter(isFile), ...here];
  return all.filter((path, i) => all.findIndex((other) => resolve(other) === resolve(path)) === i);
};
