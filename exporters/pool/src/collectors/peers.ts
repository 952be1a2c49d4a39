import { defineCollector, gauge } from '@submilli/core';
import { numberOf, readShow, type ShowRow, textOf } from '../show';

/** Other PgBouncers that cancel requests are forwarded to, when several share one address. */
export const peers = defineCollector({
  name: 'peers',
  source: 'SHOW PEERS',
  needs: { pgbouncer: '1.19' },
  metrics: {
    info: gauge('db_pool_peer_info', 'Always 1; where a peer is.', ['peer', 'host', 'port']),
    size: gauge('db_pool_peer_size', 'Connections that may be made to this peer.', ['peer']),
  },
  read: readShow('SHOW PEERS', 'peer_id'),
  publish: (rows: readonly ShowRow[], m) =>
    rows.flatMap((row) => {
      const peer = textOf(row, 'peer_id');
      return [
        m.info({ peer, host: textOf(row, 'host'), port: textOf(row, 'port') }, 1),
        m.size({ peer }, numberOf(row, 'pool_size')),
      ];
    }),
});
