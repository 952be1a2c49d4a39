#!/bin/sh
# Starts one member. Patroni reads passwords from its environment and removes them from it before PostgreSQL starts;
# here they come from files. PATRONI_NAME is set by docker-compose.yml and is also the member's host name.
set -eu
umask 077

secrets=${SECRETS:-/run/secrets}
secret() {
  if ! cat "$secrets/$1"; then
    echo "patroni.sh: no secret $secrets/$1: make the secrets with 'node scripts/make-secrets.mjs'" >&2
    exit 1
  fi
}

name=${PATRONI_NAME:?patroni.sh: PATRONI_NAME is not set}
# Assigned before they are exported: `export X=$(...)` would hide that a secret is missing.
superuser=$(secret superuser)
replication=$(secret replication)
rewind=$(secret rewind)
patroni=$(secret patroni)

export PATRONI_RESTAPI_CONNECT_ADDRESS="$name:8008"
export PATRONI_POSTGRESQL_CONNECT_ADDRESS="$name:5432"
export PATRONI_RESTAPI_USERNAME=patroni PATRONI_RESTAPI_PASSWORD="$patroni"
export PATRONI_SUPERUSER_USERNAME=postgres PATRONI_SUPERUSER_PASSWORD="$superuser"
export PATRONI_REPLICATION_USERNAME=replicator PATRONI_REPLICATION_PASSWORD="$replication"
export PATRONI_REWIND_USERNAME=rewind PATRONI_REWIND_PASSWORD="$rewind"

mkdir -p /var/lib/postgresql/log
# Debian's Patroni can lose acknowledged writes in two ways; this runs it with what later versions do.
exec python3 /usr/local/lib/submilli/lossless.py "${PATRONI_CONFIG:-/etc/patroni/patroni.yml}"
