import { defineRule, type PostgresFacts } from '@submilli/core';
import { settings } from '../samplers/settings';
import { baseValue } from '../settings/units';
import { alterSystem, bytes, settingOf } from './action';

const LARGE = 8 * 1024 ** 3;

export const hugePagesOff = defineRule<PostgresFacts, { settings: typeof settings }>({
  name: 'huge-pages-off',
  title: 'Shared memory is in small pages',
  signal: '`huge_pages_status` (PostgreSQL 17+), `shared_buffers`',
  threshold: `off with at least ${bytes(LARGE)}`,
  inputs: { settings },
  check: ({ settings: { settings: all } }) => {
    const status = settingOf(all, 'huge_pages_status');
    const buffers = settingOf(all, 'shared_buffers');
    if (status === undefined)
      return { notEvaluated: 'whether huge pages are in use is only known from PostgreSQL 17 on' };
    const size = buffers === undefined ? null : baseValue(buffers.setting, buffers.unit);
    if (status.setting !== 'off' || size === null || size < LARGE) return [];
    return [
      {
        subject: 'huge_pages',
        severity: 'info',
        title: `${bytes(size)} of shared_buffers are in 4 kB pages`,
        why: 'Every backend has its own page table for all of it, and the processor misses its address cache more.',
        evidence: [
          { label: 'huge_pages_status', value: status.setting, unit: '' },
          { label: 'shared_buffers', value: size, unit: 'bytes' },
        ],
        action: {
          ...alterSystem(all, 'huge_pages', 'on', 'postmaster'),
          text: `-- first: postgres -C shared_memory_size_in_huge_pages, and that many in vm.nr_hugepages\nALTER SYSTEM SET huge_pages = 'on';\n-- then restart the server`,
        },
        impact: {
          ...{
            what: 'page tables',
            before: 'one of 4 kB pages in every backend',
            after: 'of 2 MB pages',
            confidence: 'medium',
          },
          measured: 'read from pg_settings',
        },
      },
    ];
  },
});
