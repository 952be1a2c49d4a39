import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { drillKinds, drillReport, type DrillReport, messageOf, Problem } from '@submilli/core';

/** So many reports are looked through: those of the last months, whatever else is kept there. */
const MOST = 200;

/**
 * The last report of each kind of drill of a cluster, as `submilli drill` has left them in a directory; their names begin
 * with the time. Nothing where there never was a drill. Throws a problem for a file of another kind.
 */
export const lastDrills = (directory: string, cluster: string): readonly DrillReport[] => {
  const last = new Map<DrillReport['kind'], DrillReport>();
  for (const name of namesIn(directory).toSorted().reverse().slice(0, MOST)) {
    const kind = drillKinds.find((one) => name.endsWith(`Z-${one}.json`));
    if (kind === undefined || last.has(kind)) continue;
    const report = read(join(directory, name));
    if (report.cluster === cluster) last.set(kind, report);
  }
  return drillKinds.flatMap((kind) => last.get(kind) ?? []);
};

const namesIn = (directory: string): string[] => {
  try {
    return readdirSync(directory);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw new Problem('permission', { what: `cannot be read: ${messageOf(cause)}`, where: directory, cause });
  }
};

const read = (path: string): DrillReport => {
  try {
    return drillReport.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch (cause) {
    const hint = 'Reports are written by `submilli drill` alone: remove it, and drill again.';
    throw new Problem('other', { what: 'no report of a drill of this version', where: path, hint, cause });
  }
};
