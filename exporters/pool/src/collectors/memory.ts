import { defineCollector, gauge } from '@submilli/core';
import { numberOf, readShow, type ShowRow, textOf } from '../show';

export const memory = defineCollector({
  name: 'memory',
  source: 'SHOW MEM',
  metrics: {
    bytes: gauge('db_pool_memory_bytes', 'Memory that PgBouncer holds for objects of one kind, used and free.', [
      'kind',
    ]),
    objects: gauge('db_pool_memory_objects', 'Objects of one kind: used, or kept to be used again.', ['kind', 'state']),
    objectBytes: gauge('db_pool_memory_object_bytes', 'Size of one object of this kind.', ['kind']),
  },
  read: readShow('SHOW MEM', 'name'),
  publish: (rows: readonly ShowRow[], m) =>
    rows.flatMap((row) => {
      const kind = textOf(row, 'name').replace(/_cache$/, '');
      return [
        m.bytes({ kind }, numberOf(row, 'memtotal')),
        m.objects({ kind, state: 'used' }, numberOf(row, 'used')),
        m.objects({ kind, state: 'free' }, numberOf(row, 'free')),
        m.objectBytes({ kind }, numberOf(row, 'size')),
      ];
    }),
});
