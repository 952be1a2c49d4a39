import { compat, defineCollector, type Env, type PostgresFacts, readRows, untyped } from '@submilli/core';
import { z } from 'zod';
import { needs, PREFIX } from './peer';

const row = z.object({ version: z.string() });

/** 150018 as the peer writes it: 15.18.0. */
export const shortVersion = (versionNumber: number): string =>
  `${Math.floor(versionNumber / 10_000)}.${versionNumber % 10_000}.0`;

export const compatStatic = defineCollector({
  name: `${PREFIX}static`,
  source: 'version()',
  needs,
  metrics: {
    info: compat(
      'postgres_exporter',
      untyped('pg_static', 'Always 1; the version as the server says it.', ['version', 'short_version', 'server']),
    ),
  },
  read: readRows({ 14: 'SELECT pg_catalog.version() AS version' }, row),
  publish: (rows: readonly z.infer<typeof row>[], m, { facts }: Env<PostgresFacts>) => {
    const known = { short_version: shortVersion(facts.versionNumber), server: facts.address ?? '' };
    return rows.map(({ version }) => m.info({ version, ...known }, 1));
  },
});
