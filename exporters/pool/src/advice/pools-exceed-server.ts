import { defineRule, type Finding } from '@submilli/core';
import { databases } from '../collectors/databases';
import { busyOf, pools as showPools } from '../collectors/pools';
import { claimOf, serverRooms } from '../derived/server-rooms';
import { textOf } from '../show';
import type { PoolFacts } from '../source';
import { iniLines, MOST_FINDINGS, quoted } from './ini';

export const poolsExceedServer = defineRule<
  PoolFacts,
  { databases: typeof databases; serverRooms: typeof serverRooms; pools: typeof showPools }
>({
  name: 'pools-exceed-server',
  title: 'The pools may open more connections than their server takes',
  signal: 'pool sizes and reserves, within max_db_connections, against max_connections less the reserved ones',
  threshold: 'more than 100 %',
  inputs: { databases, serverRooms, pools: showPools },
  check: ({ databases: rows, serverRooms: rooms, pools: poolRows }) => {
    const busy = new Map(poolRows.map((row) => [`${textOf(row, 'database')}/${textOf(row, 'user')}`, busyOf(row)]));
    const known = rooms.filter(({ limit, pools }) => limit !== null && pools.length > 0);
    if (known.length === 0 && rooms.some(({ pools }) => pools.length > 0)) {
      return {
        notEvaluated:
          'max_connections of the servers is not known here: none of them is under postgres in this configuration, with the same host and port',
      };
    }
    return known.flatMap(({ host, port, limit, pools }): Finding[] => {
      const claim = claimOf(pools, rows);
      if (limit === null || claim <= limit) return [];
      const names = [...new Set(pools.map(({ database }) => database))];
      const asked = Number.isFinite(claim) ? String(claim) : 'any number of';
      return [
        {
          subject: `${host === '' ? 'unix' : host}:${port}`,
          severity: 'warning',
          title: `The pools to ${host === '' ? 'the local server' : host}:${port} may open ${asked} connections, it takes ${limit}`,
          why: 'When all are busy at once PostgreSQL refuses some with “too many clients already”, and it is chance whose pool that hits.',
          evidence: [
            { label: 'max_connections less reserved', value: limit, unit: '' },
            { label: 'pools may take', value: asked, unit: '' },
            ...pools.slice(0, MOST_FINDINGS).map(({ database, user, size, reserve }) => ({
              label: `${database}/${user}`,
              value: `${size ?? 'no limit'}${reserve > 0 ? ` + ${reserve} in reserve` : ''}, ${busy.get(`${database}/${user}`) ?? 0} busy now`,
              unit: '',
            })),
          ],
          // Each database alike: which of them needs how much, the evidence says and its owner knows.
          action: iniLines(
            `; in [databases]: lower pool_size of those that need less, or bound each database of this server, for example\n${names
              .slice(0, MOST_FINDINGS)
              .map((name) => `${quoted(name)} = … max_db_connections=${Math.max(1, Math.floor(limit / names.length))}`)
              .join('\n')}`,
          ),
          impact: {
            what: 'connections the pools may open',
            before: asked,
            after: `at most ${limit}`,
            confidence: 'high',
            measured: 'SHOW POOLS, DATABASES and USERS against max_connections of the server',
          },
        },
      ];
    });
  },
});
