import { chownSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type DrillReport, drillReport, SubmilliError } from '@submilli/core';
import type { z } from 'zod';
import { writeFile } from '../../stack/files';

/** Writes a report where the exporters look for it; both its JSON and a page. Returns their paths. */
export const storeReport = (
  directory: string,
  report: DrillReport,
  page: string,
): { readonly json: string; readonly html: string } => {
  mkdirSync(directory, { recursive: true, mode: 0o755 });
  const owner = ownerOf(dirname(directory));
  if (owner !== undefined) chownSync(directory, owner.uid, owner.gid);
  const json = join(directory, `${report.id}.json`);
  const html = join(directory, `${report.id}.html`);
  writeFile(json, `${JSON.stringify(report)}\n`, owner, 0o644);
  writeFile(html, page, owner, 0o644);
  return { json, html };
};

/** Run as root, what we write belongs to the account of the exporters: their directory's. */
const ownerOf = (directory: string): { name: string; uid: number; gid: number } | undefined => {
  if (process.getuid?.() !== 0) return undefined;
  const { uid, gid } = statSync(directory);
  return { name: String(uid), uid, gid };
};

/** Throws a `SubmilliError` that names the file which is none. */
export const readReport = (path: string): DrillReport => readAs(drillReport, path);

const readAs = <T>(schema: z.ZodType<T>, path: string): T => {
  try {
    return schema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch (cause) {
    throw new SubmilliError({ what: 'not a drill report of this version', where: path, cause });
  }
};

/** All reports in a directory, oldest first, or those of a file that has several. */
export const readReports = (path: string): DrillReport[] =>
  statSync(path).isDirectory()
    ? readdirSync(path)
        .filter((name) => name.endsWith('.json'))
        .sort()
        .map((name) => readReport(join(path, name)))
    : readAs(drillReport.array(), path);
