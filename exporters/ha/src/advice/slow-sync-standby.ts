import { defineRule } from '@submilli/core';
import { topology } from '../derived/topology';
import type { HaFacts } from '../source';
import { MOST_FINDINGS, run, seconds } from './action';

/** Each commit waits at least that long. */
const SLOW_SECONDS = 0.02;
const FAR_BYTES = 16 * 1024 ** 2;

export const slowSyncStandby = defineRule<HaFacts, { topology: typeof topology }>({
  name: 'slow-sync-standby',
  title: 'Commits wait long for their synchronous standby',
  signal: 'write, flush and replay lag of synchronous standbys',
  threshold: `${SLOW_SECONDS * 1000} ms until WAL is flushed there, or ${FAR_BYTES / 1024 ** 2} MB outstanding`,
  inputs: { topology },
  check: ({ topology: { replicas } }) =>
    replicas
      .filter(({ sync }) => sync === 'sync' || sync === 'quorum')
      .filter(({ lag }) => (lag?.flushSeconds ?? 0) >= SLOW_SECONDS || (lag?.flushBytes ?? 0) >= FAR_BYTES)
      .slice(0, MOST_FINDINGS)
      .map(({ name, sync, lag }) => {
        const network = lag?.writeSeconds ?? null;
        const flush = lag?.flushSeconds ?? null;
        const bytes = lag?.flushBytes ?? null;
        const isDisk = network !== null && flush !== null && flush > 2 * network;
        return {
          subject: name,
          severity: 'warning',
          title:
            flush === null
              ? `${name} is synchronous, and has ${bytes ?? 0} bytes still to flush`
              : `Commits wait ${seconds(flush)} for ${name}`,
          why: isDisk
            ? 'It receives WAL at once and takes long to flush it: its disk is slow, or busy.'
            : 'WAL reaches it late: it is far away, or its network or its server is busy.',
          evidence: [
            { label: 'sync_state', value: sync ?? '', unit: '' },
            ...(network === null ? [] : [{ label: 'until written there', value: network, unit: 's' }]),
            ...(flush === null ? [] : [{ label: 'until flushed there', value: flush, unit: 's' }]),
            ...(bytes === null ? [] : [{ label: 'outstanding', value: bytes, unit: 'bytes' }]),
          ],
          action: run(
            'config',
            '# let a standby that is nearer be the synchronous one: in patroni.yml of this one\ntags:\n  nosync: true\n# or, where a commit may be lost when both servers lose their power at once:\n# synchronous_commit = remote_write',
          ),
          impact: {
            ...{ what: 'what each commit waits for its standby', before: flush === null ? null : seconds(flush) },
            ...{ after: null, confidence: 'medium', measured: 'pg_stat_replication, of recent WAL' },
          },
        };
      }),
});
