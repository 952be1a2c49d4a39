/** Settings published as numbers, in bytes and seconds: what decides over memory, WAL, vacuum, limits and the planner. */
export const NUMERIC_SETTINGS: ReadonlySet<string> = new Set([
  ...['max_connections', 'superuser_reserved_connections', 'reserved_connections', 'max_prepared_transactions'],
  ...[
    'shared_buffers',
    'work_mem',
    'hash_mem_multiplier',
    'maintenance_work_mem',
    'autovacuum_work_mem',
    'temp_buffers',
  ],
  ...['effective_cache_size', 'wal_buffers', 'logical_decoding_work_mem', 'max_locks_per_transaction'],
  ...['checkpoint_timeout', 'checkpoint_completion_target', 'max_wal_size', 'min_wal_size', 'wal_keep_size'],
  ...['max_slot_wal_keep_size', 'wal_writer_delay', 'commit_delay', 'commit_siblings', 'full_page_writes', 'fsync'],
  ...['archive_timeout', 'max_wal_senders', 'max_replication_slots', 'wal_sender_timeout', 'wal_receiver_timeout'],
  ...[
    'hot_standby_feedback',
    'max_standby_streaming_delay',
    'recovery_min_apply_delay',
    'idle_replication_slot_timeout',
  ],
  ...['wal_log_hints', 'data_checksums', 'temp_file_limit', 'idle_session_timeout'],
  ...['autovacuum', 'autovacuum_max_workers', 'autovacuum_naptime', 'autovacuum_vacuum_scale_factor'],
  ...['autovacuum_vacuum_threshold', 'autovacuum_analyze_scale_factor', 'autovacuum_analyze_threshold'],
  ...['autovacuum_vacuum_cost_delay', 'autovacuum_vacuum_cost_limit', 'vacuum_cost_limit', 'autovacuum_worker_slots'],
  ...['autovacuum_vacuum_insert_scale_factor', 'autovacuum_vacuum_insert_threshold'],
  ...['autovacuum_freeze_max_age', 'autovacuum_multixact_freeze_max_age', 'vacuum_failsafe_age'],
  ...['random_page_cost', 'seq_page_cost', 'effective_io_concurrency', 'default_statistics_target'],
  ...['max_worker_processes', 'max_parallel_workers', 'max_parallel_workers_per_gather'],
  ...['deadlock_timeout', 'tcp_keepalives_idle', 'tcp_user_timeout', 'track_io_timing', 'track_wal_io_timing'],
  ...['track_counts', 'ssl', 'bgwriter_delay', 'bgwriter_lru_maxpages', 'log_min_duration_statement'],
]);

/** Settings whose value is a word. */
export const WORD_SETTINGS: ReadonlySet<string> = new Set([
  ...['synchronous_commit', 'synchronous_standby_names', 'wal_level', 'wal_sync_method', 'wal_compression'],
  ...['archive_mode', 'huge_pages', 'huge_pages_status', 'password_encryption', 'compute_query_id'],
  ...['default_transaction_isolation', 'io_method'],
]);

/** These can hold a password or a key; what they are never leaves the process, only that they changed. */
const SECRET = /(conninfo|_command|passphrase|password|secret|token|library_path$)/;
const NOT_SECRET = new Set(['password_encryption']);

export const isSecret = (name: string): boolean => SECRET.test(name) && !NOT_SECRET.has(name);

/** As a setting of an extension may: a connection string, a URL with a user in it, an option with a key. */
const SECRET_VALUE = /(passw(or)?d|pwd|secret|token|api_?key)["']?\s*[=:]|:\/\/[^\s/@:]*:[^\s/@]+@/i;

export const holdsSecret = (value: string): boolean => SECRET_VALUE.test(value);
