import { type Case, elsewhere, doesNotApply, type Row, tells } from '../cell';

/** The servers are still asked themselves, so the cluster is up; what only Patroni knows is gone. */
const silent = (how: string, reason: string, remedy: string): Case => ({
  how,
  exporter: 'ha',
  metrics: {
    db_exporter_up: 1,
    db_ha_api_up: 0,
    db_ha_server_up: 1,
    'db_exporter_collector_success{collector="cluster"}': 0,
  },
  absent: [
    'db_ha_paused',
    'db_ha_member_info',
    'db_ha_dcs_last_seen_timestamp_seconds',
    'db_ha_failsafe_active',
    'db_ha_failovers_total',
  ],
  status: { of: 'cluster', reason, remedy },
  log: `cluster failed: .*(${reason})`,
  alert: { name: 'PatroniApiDown', labels: { cluster: 'fire' } },
});

/** Patroni's REST API, as the ha exporter reads it. */
export const patroni: Row = {
  kill: tells(silent('Patroni alone: its PostgreSQL goes on', 'ECONNREFUSED', 'is the server running')),
  stop: tells(silent('Patroni alone: its PostgreSQL goes on', 'no answer within', 'Is the member alive')),
  refuse: tells(silent('nobody listens on its port', 'ECONNREFUSED', 'is the server running')),
  reset: tells(silent('after half of what it sends', 'ECONNRESET|hang up|aborted|disconnected', 'tried again')),
  slow: tells(silent('a byte in 40 ms', 'no answer within', 'Is the member alive')),
  garbage: tells(silent('random bytes, inside TLS', 'Parse Error', 'not HTTP')),
  tls: tells(
    { ...silent('', 'self-signed|unable to verify', 'CA file'), tls: 'another authority' },
    { ...silent('', 'certificate has expired', 'Renew the certificate'), tls: 'an expired certificate' },
    { ...silent('', 'wrong version number|packet length', 'Is it TLS'), tls: 'plain text' },
  ),
  password: elsewhere(
    'toolkit/test/e2e/ha.test.ts',
    'is read through a proxy that asks for a password, and only with it',
    'Patroni asks nobody who only reads for a password; a proxy in front of it may',
  ),
  permission: elsewhere(
    'toolkit/test/e2e/ha.test.ts',
    'tells nothing to who shows none, which is said, while the servers are still watched',
    'Patroni with `verify_client: required` asks for a client’s certificate',
  ),
  disk: doesNotApply('It has no disk of its own: that of its PostgreSQL is above, that of its store below.'),
  clock: doesNotApply(
    'What it tells of its times is passed on as it is: a member whose clock is behind by more than `dcs_unseen` is told of by `PatroniDcsUnreachable`. Not tested: libfaketime as Debian 12 has it breaks the `time.sleep` of Python.',
  ),
  network: tells(silent('the cable between', 'no answer within|EHOSTUNREACH', 'Is the member alive|network')),
};
