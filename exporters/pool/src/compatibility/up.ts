import { defineReport } from '@submilli/core';
import { needs, peerGauge } from './peer';

export const compatUp = defineReport({
  name: 'compat_up',
  source: 'the collection itself',
  needs,
  metrics: { up: peerGauge('pgbouncer_up', 'Whether PgBouncer answered (1) or not (0).') },
  publish: ({ up }, m) => [m.up({}, Number(up))],
});
