/**
 * What PgBouncer 1.18.0 answers to SHOW CONFIG, as name|type|changed by RELOAD|values|default; types and values are those
 * of its src/main.c. A test compares it with an installed PgBouncer 1.18. The default of auth_query is left out.
 */
export const pgbouncer118 = `
admin_users|text|yes||
application_name_add_host|integer|yes||0
auth_file|text|yes||
auth_hba_file|text|yes||
auth_query|text|yes||
auth_type|enum|yes|any,trust,plain,md5,cert,hba,pam,scram-sha-256|md5
auth_user|text|yes||
autodb_idle_timeout|seconds|yes||3600
client_idle_timeout|seconds|yes||0
client_login_timeout|seconds|yes||60
client_tls_ca_file|text|yes||
client_tls_cert_file|text|yes||
client_tls_ciphers|text|yes||fast
client_tls_dheparams|text|yes||auto
client_tls_ecdhcurve|text|yes||auto
client_tls_key_file|text|yes||
client_tls_protocols|text|yes||secure
client_tls_sslmode|enum|yes|disable,allow,prefer,require,verify-ca,verify-full|disable
conffile|text|yes||
default_pool_size|integer|yes||20
disable_pqexec|integer|no||0
dns_max_ttl|seconds|yes||15
dns_nxdomain_ttl|seconds|yes||15
dns_zone_check_period|seconds|yes||0
idle_transaction_timeout|seconds|yes||0
ignore_startup_parameters|text|yes||
job_name|text|no||pgbouncer
listen_addr|text|no||
listen_backlog|integer|no||128
listen_port|integer|no||6432
log_connections|integer|yes||1
log_disconnections|integer|yes||1
log_pooler_errors|integer|yes||1
log_stats|integer|yes||1
logfile|text|yes||
max_client_conn|integer|yes||100
max_db_connections|integer|yes||0
max_packet_size|integer|yes||2147483647
max_user_connections|integer|yes||0
min_pool_size|integer|yes||0
pidfile|text|no||
pkt_buf|integer|no||4096
pool_mode|enum|yes|session,transaction,statement|session
query_timeout|seconds|yes||0
query_wait_timeout|seconds|yes||120
reserve_pool_size|integer|yes||0
reserve_pool_timeout|seconds|yes||5
resolv_conf|text|no||
sbuf_loopcnt|integer|yes||5
server_check_delay|seconds|yes||30
server_check_query|text|yes||select 1
server_connect_timeout|seconds|yes||15
server_fast_close|integer|yes||0
server_idle_timeout|seconds|yes||600
server_lifetime|seconds|yes||3600
server_login_retry|seconds|yes||15
server_reset_query|text|yes||DISCARD ALL
server_reset_query_always|integer|yes||0
server_round_robin|integer|yes||0
server_tls_ca_file|text|yes||
server_tls_cert_file|text|yes||
server_tls_ciphers|text|yes||fast
server_tls_key_file|text|yes||
server_tls_protocols|text|yes||secure
server_tls_sslmode|enum|yes|disable,allow,prefer,require,verify-ca,verify-full|disable
so_reuseport|integer|no||0
stats_period|integer|yes||60
stats_users|text|yes||
suspend_timeout|seconds|yes||10
syslog|integer|yes||0
syslog_facility|text|yes||daemon
syslog_ident|text|yes||pgbouncer
tcp_defer_accept|integer|yes||1
tcp_keepalive|integer|yes||1
tcp_keepcnt|integer|yes||0
tcp_keepidle|integer|yes||0
tcp_keepintvl|integer|yes||0
tcp_socket_buffer|integer|yes||0
tcp_user_timeout|integer|yes||0
unix_socket_dir|text|no||/tmp
unix_socket_group|text|no||
unix_socket_mode|integer|no||0777
user|text|no||
verbose|integer|yes||
`;

/** Taken in the file, not shown. */
export const pgbouncer118Hidden: readonly string[] = ['service_name'];

/** What a line of each section takes, by its manual page. */
export const pgbouncer118Databases: readonly string[] = [
  ...['dbname', 'host', 'port', 'user', 'password', 'auth_user', 'pool_size', 'min_pool_size', 'reserve_pool'],
  ...['connect_query', 'pool_mode', 'max_db_connections', 'client_encoding', 'datestyle', 'timezone'],
  'application_name',
];
export const pgbouncer118Users: readonly string[] = ['pool_mode', 'max_user_connections'];

/** What later versions take as well (doc/config.md of each release up to 1.25.2), and since when. */
export const pgbouncerLater: Readonly<Record<string, string>> = {
  auth_dbname: '1.19',
  cancel_wait_timeout: '1.19',
  peer_id: '1.19',
  track_extra_parameters: '1.20',
  max_prepared_statements: '1.21',
  auth_ident_file: '1.23',
  max_db_client_connections: '1.24',
  max_user_client_connections: '1.24',
  auth_ldap_options: '1.25',
  client_tls13_ciphers: '1.25',
  query_wait_notify: '1.25',
  scram_iterations: '1.25',
  server_tls13_ciphers: '1.25',
  transaction_timeout: '1.25',
};
export const pgbouncerLaterDatabases: readonly string[] = [
  ...['auth_query', 'auth_dbname', 'reserve_pool_size', 'load_balance_hosts', 'max_db_client_connections'],
  'server_lifetime',
];
export const pgbouncerLaterUsers: readonly string[] = [
  ...['pool_size', 'reserve_pool_size', 'query_timeout', 'idle_transaction_timeout', 'transaction_timeout'],
  ...['client_idle_timeout', 'max_user_client_connections'],
];
