import { Problem } from '@submilli/core';

/** PgBouncer's version: as it says it ("1.18.0"), and as a number that can be compared (11800). */
export type Version = { readonly version: string; readonly versionNumber: number };

/** "1.25.2" as 12502; parts that are left out count as 0. */
export const versionNumberOf = (version: string): number => {
  const [major = 0, minor = 0, patch = 0] = version.split(/[^0-9]+/).map(Number);
  return major * 10_000 + minor * 100 + patch;
};

/** Reads the answer to SHOW VERSION. Throws if it is somebody else's. */
export const versionOf = (answer: string, where: string): Version => {
  const version = /^PgBouncer (\d+\.\S+)/i.exec(answer)?.[1];
  if (version !== undefined) return { version, versionNumber: versionNumberOf(version) };
  throw new Problem('data', {
    what: `what answers says it is "${answer.slice(0, 40)}", not PgBouncer`,
    where,
    hint: 'Check host and port.',
  });
};
