import { type Case, doesNotApply, elsewhere, type Row, tells } from '../cell';

const up = { db_exporter_up: 1 } as const;
const gone = ['db_ha_etcd_up', 'db_ha_etcd_read_seconds', 'db_ha_etcd_leader', 'db_ha_etcd_members', 'db_ha_etcd_info'];

const silent = (how: string, reason: string, remedy: string): Case => ({
  ...{ how, exporter: 'ha', metrics: { ...up, 'db_exporter_collector_success{collector="etcd"}': 0 }, absent: gone },
  status: { of: 'etcd', reason, remedy },
  log: `etcd failed: .*(${reason})`,
  alert: { name: 'SubmilliCollectorFailing', labels: { cluster: 'fire', collector: 'etcd' } },
});

/** etcd's API, as the ha exporter reads it. What Patroni does without its store is told by Patroni. */
export const etcd: Row = {
  kill: tells(silent('its process', 'ECONNREFUSED', 'is the server running')),
  stop: tells(silent('its process', 'no answer within', 'Is the member alive')),
  refuse: tells(silent('nobody listens on its port', 'ECONNREFUSED', 'is the server running')),
  reset: tells(silent('after half of what it sends', 'ECONNRESET|hang up|aborted|disconnected', 'tried again')),
  slow: tells(silent('a byte in 40 ms', 'no answer within', 'Is the member alive')),
  garbage: tells(silent('random bytes, inside TLS', 'Parse Error', 'not HTTP')),
  tls: tells(
    { ...silent('', 'self-signed|unable to verify', 'CA file'), tls: 'another authority' },
    { ...silent('', 'certificate has expired', 'Renew the certificate'), tls: 'an expired certificate' },
    { ...silent('', 'wrong version number|packet length', 'Is it TLS'), tls: 'plain text' },
  ),
  password: doesNotApply('The exporter has no password for it: it shows a certificate where etcd wants one.'),
  permission: elsewhere(
    'exporters/ha/test/postgres/etcd.test.ts',
    'has three voters, one leader, and can lose one; each answers through the quorum, and tells of its disk',
    'it is asked where it tells of health and metrics only',
  ),
  disk: tells({
    how: 'the alarm that it raises when its store is full (NOSPACE)',
    exporter: 'ha',
    metrics: { ...up, db_ha_etcd_up: 0, 'db_exporter_collector_success{collector="etcd"}': 1 },
    absent: ['db_ha_etcd_read_seconds'],
    status: null,
    log: null,
    alert: {
      none: 'it lowers the readiness of the cluster, of which PatroniFailoverNotReady tells; that of one member is never whole',
    },
  }),
  clock: doesNotApply('It counts leases and elections on the monotonic clock, and the exporter takes no time from it.'),
  network: tells(silent('the cable between', 'no answer within|EHOSTUNREACH', 'Is the member alive|network')),
};
