import { defineRule, type Finding } from '@submilli/core';
import { limits, settingsOf } from '../collectors/limits';
import { serverRooms } from '../derived/server-rooms';
import { numberOf } from '../show';
import type { PoolFacts } from '../source';
import { iniSetting } from './ini';

export const reserveUnused = defineRule<PoolFacts, { limits: typeof limits; serverRooms: typeof serverRooms }>({
  name: 'reserve-unused',
  title: 'A reserve that PgBouncer will never use',
  signal: '`reserve_pool_size` of any pool, `reserve_pool_timeout`',
  threshold: 'a reserve while reserve_pool_timeout is 0, or not shorter than query_wait_timeout',
  inputs: { limits, serverRooms },
  check: ({ limits: rows, serverRooms: rooms }) => {
    const settings = settingsOf(rows);
    const after = numberOf(settings, 'reserve_pool_timeout');
    const gone = numberOf(settings, 'query_wait_timeout') ?? 0;
    const reserves = rooms.flatMap(({ pools }) => pools.map(({ reserve }) => reserve));
    const most = Math.max(0, numberOf(settings, 'reserve_pool_size') ?? 0, ...reserves);
    const tooLate = after !== null && gone > 0 && after >= gone;
    if (after === null || most === 0 || (after > 0 && !tooLate)) return [];
    const finding: Finding = {
      subject: 'reserve_pool_timeout',
      severity: 'warning',
      title: tooLate
        ? `The reserve comes after ${after} s, when clients are disconnected after ${gone} s`
        : 'There is a reserve pool, but reserve_pool_timeout = 0 switches it off',
      why: 'It was set aside for peaks; as it is, clients of a full pool wait as if it were not there.',
      evidence: [
        { label: 'reserve_pool_size', value: most, unit: '' },
        { label: 'reserve_pool_timeout', value: after, unit: 's' },
        { label: 'query_wait_timeout', value: gone, unit: 's' },
      ],
      action: iniSetting(rows, 'reserve_pool_timeout', Math.max(1, Math.min(5, Math.floor(gone / 4) || 5))),
      impact: {
        what: 'servers for a full pool',
        before: '0 more',
        after: `up to ${most} more`,
        confidence: 'high',
        measured: 'read from SHOW CONFIG and SHOW DATABASES',
      },
    };
    return [finding];
  },
});
