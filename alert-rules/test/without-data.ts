/** Series of rules that a healthy reference cluster does not have, and why. */
export const withoutData: Readonly<Record<string, string>> = {
  db_archiver_oldest_ready_timestamp_seconds: 'every file is archived',
  db_backup_restore_seconds: 'nobody has rehearsed a restore yet',
  db_backup_verification_success: 'nobody has rehearsed a restore yet',
  db_backup_verified_timestamp_seconds: 'nobody has rehearsed a restore yet',
  db_exporter_series_dropped_total: 'nothing is dropped',
  db_ha_drill_success: 'nobody has drilled yet',
  db_ha_drill_timestamp_seconds: 'nobody has drilled yet',
  db_pool_state: 'only PgBouncer 1.19 and newer has SHOW STATE; Debian has 1.18',
  db_query_errors_total: 'a series begins with the first failed statement',
  db_sequence_used_ratio: 'the trading schema has no sequence',
  db_tls_certificate_expiry_timestamp_seconds: 'the exporters come over loopback, without TLS',
};
