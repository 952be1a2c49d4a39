import { type Config, configSchema, type Target } from '@submilli/core';
import { watch as watchWith } from '../../../core/test/watching';
import { poolExporter } from '../../src';

/** The users of the test's PgBouncer, and their passwords. */
export const users = { submilli: 'watch-me', trader: 'trade', pgbouncer: 'admin' };

/** Without samples between scrapes, so that a test sees only what it asks for. */
export const configFor = (port: number, overrides: Partial<Config['pgbouncer'][number]> = {}): Config =>
  configSchema.parse({
    pgbouncer: [{ name: 'pool', port, user: 'submilli', password: users.submilli, sslmode: 'disable', ...overrides }],
    pool_sampling_hz: 0,
    timeouts: { connect_ms: 1000, lock_ms: 50, statement_ms: 500, scrape_ms: 3000 },
  });

export const watch = (config: Config): Target => watchWith(poolExporter, config);
