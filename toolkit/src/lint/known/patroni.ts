/**
 * What Patroni's dynamic configuration takes: read by some version from 3.0 to 4.1 (patroni/config.py and ha.py of 3.0.2,
 * patroni/global_config.py and docs/dynamic_configuration.rst of 4.1). A test compares the defaults with an installed one.
 */
export const patroniDynamic: readonly string[] = [
  ...['ttl', 'loop_wait', 'retry_timeout', 'maximum_lag_on_failover', 'maximum_lag_on_syncnode', 'pause'],
  ...['max_timelines_history', 'primary_start_timeout', 'primary_stop_timeout', 'primary_race_backoff'],
  ...['master_start_timeout', 'master_stop_timeout', 'check_timeline', 'failsafe_mode', 'member_slots_ttl'],
  ...['synchronous_mode', 'synchronous_mode_strict', 'synchronous_node_count', 'standby_cluster', 'postgresql'],
  ...['slots', 'permanent_slots', 'permanent_replication_slots', 'ignore_slots', 'citus', 'watchdog'],
];

/** Patroni 3.0.2's own defaults of what is a plain value there (`Config.__DEFAULT_CONFIG`). */
export const patroniDefaults: Readonly<Record<string, number | boolean>> = {
  ...{ ttl: 30, loop_wait: 10, retry_timeout: 10, maximum_lag_on_failover: 1_048_576, maximum_lag_on_syncnode: -1 },
  ...{ check_timeline: false, primary_start_timeout: 300, primary_stop_timeout: 0, synchronous_mode: false },
  ...{ synchronous_mode_strict: false, synchronous_node_count: 1, failsafe_mode: false },
};

const authentication: readonly string[] = [
  ...['username', 'password', 'sslmode', 'sslkey', 'sslpassword', 'sslcert', 'sslrootcert', 'sslcrl', 'sslcrldir'],
  ...['sslnegotiation', 'gssencmode', 'channel_binding'],
];
const etcd: readonly string[] = [
  ...['host', 'hosts', 'use_proxies', 'url', 'proxy', 'srv', 'srv_suffix', 'protocol', 'username', 'password'],
  ...['cacert', 'cert', 'key', 'version'],
];

/**
 * What each section of patroni.yml takes, by docs/yaml_configuration.rst and patroni/validator.py of 3.0.2 and 4.1. What
 * takes any name (tags, parameters, a custom bootstrap method) is not here.
 */
export const patroniLocal: Readonly<Record<string, readonly string[]>> = {
  '': [
    ...['name', 'namespace', 'scope', 'thread_pool_size', 'thread_stack_size', 'log', 'bootstrap', 'citus', 'consul'],
    ...['etcd', 'etcd3', 'zookeeper', 'exhibitor', 'kubernetes', 'raft', 'postgresql', 'restapi', 'ctl', 'watchdog'],
    ...['tags', 'dcs'],
  ],
  restapi: [
    ...['thread_pool_size', 'connect_address', 'listen', 'authentication', 'certfile', 'keyfile', 'keyfile_password'],
    ...['cafile', 'ciphers', 'verify_client', 'allowlist', 'allowlist_include_members', 'http_extra_headers'],
    ...['https_extra_headers', 'request_queue_size', 'server_tokens'],
  ],
  ctl: ['authentication', 'insecure', 'cacert', 'certfile', 'keyfile', 'keyfile_password'],
  watchdog: ['mode', 'device', 'safety_margin', 'driver'],
  etcd,
  etcd3: etcd,
  postgresql: [
    ...['authentication', 'callbacks', 'connect_address', 'proxy_address', 'create_replica_methods', 'data_dir'],
    ...['config_dir', 'bin_dir', 'bin_name', 'listen', 'use_unix_socket', 'use_unix_socket_repl', 'pgpass'],
    ...['recovery_conf', 'custom_conf', 'parameters', 'parameters_primary', 'parameters_replica', 'pg_hba', 'pg_ident'],
    ...['parameters_standby_leader', 'pg_hba_primary', 'pg_hba_replica', 'pg_hba_standby_leader', 'pg_ident_primary'],
    ...['pg_ident_replica', 'pg_ident_standby_leader', 'pg_ctl_timeout', 'use_pg_rewind', 'rewind', 'replica_method'],
    ...['remove_data_directory_on_rewind_failure', 'remove_data_directory_on_diverged_timelines', 'pre_promote'],
    ...['before_stop', 'basebackup', 'use_slots', 'name', 'scope', 'database', 'krbsrvname'],
  ],
  'postgresql.authentication': ['superuser', 'replication', 'rewind'],
  'postgresql.authentication.superuser': authentication,
  'postgresql.authentication.replication': authentication,
  'postgresql.authentication.rewind': authentication,
};

/** What people expect of names that Patroni does not have, and what does it. */
export const patroniMeant: Readonly<Record<string, string>> = {
  failover_timeout: 'How long a failover takes follows from ttl, loop_wait and primary_start_timeout.',
  switchover_timeout: 'Patroni has no such limit; patronictl and its caller wait as long as they like.',
  parameters: 'PostgreSQL’s parameters belong under postgresql: parameters.',
};

/** Patroni gives these to the server on its command line, from what the DCS holds: what a member's own file says is lost. */
export const patroniControlled: readonly string[] = [
  ...['wal_level', 'hot_standby', 'max_connections', 'max_wal_senders', 'wal_keep_segments', 'wal_keep_size'],
  ...['max_prepared_transactions', 'max_locks_per_transaction', 'track_commit_timestamp', 'max_replication_slots'],
  ...['max_worker_processes', 'wal_log_hints'],
];
/** These come from elsewhere in patroni.yml, wherever they are set. */
export const patroniOwned: readonly string[] = ['listen_addresses', 'port', 'cluster_name'];
