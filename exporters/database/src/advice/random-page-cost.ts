import { defineRule, type PostgresFacts } from '@submilli/core';
import { database } from '../collectors/database';
import { settings } from '../samplers/settings';
import { alterSystem, settingOf } from './action';

const ENOUGH_BLOCKS = 10_000;
/** A disk that turns takes several milliseconds for a block somewhere; what takes less does not seek. */
const SEEKING_SECONDS = 0.001;

export const randomPageCost = defineRule<PostgresFacts, { settings: typeof settings; database: typeof database }>({
  name: 'random-page-cost',
  title: 'The planner takes the storage for a disk that turns',
  signal: '`random_page_cost`; mean time to read a block, where track_io_timing has measured it',
  threshold: `4 or more, unless reads take ${SEEKING_SECONDS * 1000} ms or longer`,
  inputs: { settings, database },
  check: ({ settings: { settings: all }, database: rows }) => {
    const cost = Number(settingOf(all, 'random_page_cost')?.setting);
    if (Number.isNaN(cost)) return { notEvaluated: 'random_page_cost is not known' };
    if (cost < 4) return [];
    const timed = rows.filter(({ blk_read_seconds }) => blk_read_seconds !== null);
    const blocks = timed.reduce((sum, { blks_read }) => sum + blks_read, 0);
    const seconds = timed.reduce((sum, { blk_read_seconds }) => sum + (blk_read_seconds ?? 0), 0);
    const mean = blocks >= ENOUGH_BLOCKS && seconds > 0 ? seconds / blocks : undefined;
    if (mean !== undefined && mean >= SEEKING_SECONDS) return [];
    return [
      {
        subject: 'random_page_cost',
        severity: 'info',
        title: `random_page_cost is ${cost}: indexes look four times as dear as on a disk without moving parts`,
        why: 'The planner then reads whole tables where an index would be faster. On flash storage 1.1 is common; on disks that turn, leave it.',
        evidence: [
          { label: 'random_page_cost', value: cost, unit: '' },
          mean === undefined
            ? { label: 'mean time to read a block', value: 'not known (track_io_timing)', unit: '' }
            : { label: 'mean time to read a block', value: Number((mean * 1000).toPrecision(3)), unit: 'ms' },
          ...(mean === undefined ? [] : [{ label: 'blocks read', value: blocks, unit: '' }]),
        ],
        action: alterSystem(all, 'random_page_cost', '1.1'),
        impact: {
          what: 'plans that prefer whole tables to indexes',
          before: null,
          after: 'fewer; compare EXPLAIN of what matters with SET random_page_cost first',
          confidence: mean === undefined ? 'low' : 'medium',
          measured:
            mean === undefined
              ? 'nothing: what storage it is cannot be seen by SQL, and reads are not timed'
              : 'time of reads over their number since the statistics began, the kernel’s cache included',
        },
      },
    ];
  },
});
