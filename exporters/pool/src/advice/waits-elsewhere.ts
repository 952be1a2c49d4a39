import { defineRule, type Finding } from '@submilli/core';
import { busyOf, maxwaitOf, pools } from '../collectors/pools';
import { saturation } from '../derived/saturation';
import { CONSOLE, numberOf, textOf } from '../show';
import type { PoolFacts } from '../source';
import { limits } from '../collectors/limits';
import { iniDatabase, iniSetting, milliseconds, MOST_FINDINGS } from './ini';

const SHARED = new Set(['max_db_connections', 'max_user_connections']);

export const waitsElsewhere = defineRule<
  PoolFacts,
  { pools: typeof pools; saturation: typeof saturation; limits: typeof limits }
>({
  name: 'waits-elsewhere',
  title: 'Clients wait though their pool is not full',
  signal: 'waiting clients, servers busy in their pool, and the limits that several pools share',
  threshold:
    '`thresholds.pool_wait_warning_seconds` in the queue while max_db_connections or max_user_connections is full',
  inputs: { pools, saturation, limits },
  check: ({ pools: rows, saturation: { uses }, limits: settings }, { config: { thresholds } }) =>
    rows
      .filter((row) => textOf(row, 'database') !== CONSOLE)
      .flatMap((row): Finding[] => {
        const [database, user] = [textOf(row, 'database'), textOf(row, 'user')];
        const waiting = numberOf(row, 'cl_waiting') ?? 0;
        const wait = maxwaitOf(row) ?? 0;
        if (waiting === 0 || wait < thresholds.pool_wait_warning_seconds) return [];
        const own = uses.find((use) => use.limit === 'pool_size' && use.database === database && use.user === user);
        if (own === undefined || own.used >= own.max) return [];
        const full = uses.find(
          (use) =>
            SHARED.has(use.limit) &&
            use.used >= use.max &&
            (use.database === '' || use.database === database) &&
            (use.user === '' || use.user === user),
        );
        if (full === undefined) return [];
        const wanted = full.max + waiting;
        return [
          {
            subject: `${database}/${user}`,
            severity: wait >= thresholds.pool_wait_critical_seconds ? 'critical' : 'warning',
            title: `${waiting} clients of ${database}/${user} wait for ${full.limit}, not for their pool`,
            why: `${full.limit} is shared: other pools use all of it, so this one cannot grow to its own size.`,
            evidence: [
              { label: 'waiting clients', value: waiting, unit: '' },
              { label: 'longest wait', value: wait, unit: 's' },
              { label: 'busy in this pool', value: busyOf(row), unit: '' },
              { label: 'pool_size', value: own.max, unit: '' },
              { label: full.limit, value: full.max, unit: '' },
              { label: `busy under ${full.limit}`, value: full.used, unit: '' },
            ],
            action:
              full.limit === 'max_db_connections'
                ? iniDatabase(database, `max_db_connections=${wanted}`)
                : iniSetting(settings, full.limit, wanted),
            impact: {
              what: 'longest wait for a server',
              before: milliseconds(wait),
              after: 'near 0 for those who wait now',
              confidence: 'medium',
              measured: 'the limit and those who wait now; check that the server takes as many connections',
            },
          },
        ];
      })
      .slice(0, MOST_FINDINGS),
});
