#!/bin/sh
# Makes the roles, the trading database and its first rows on whichever member is primary. Each step does nothing where
# its work is done, so the job may run at every start.
set -eu

export PGHOST=pg1,pg2 PGPORT=5432 PGTARGETSESSIONATTRS=primary PGCONNECT_TIMEOUT=3 PGAPPNAME=submilli/seed
export PGOPTIONS='-c client_min_messages=warning'
secrets=${SECRETS:-/run/secrets}
sql=${SQL:-/srv/submilli}

superuser=$(cat "$secrets/superuser")
app=$(cat "$secrets/app")

# PostgreSQL may be up on both while they still agree who leads.
tries=0
until message=$(PGPASSWORD=$superuser psql -X -U postgres -d postgres -qAtc '' 2>&1); do
  tries=$((tries + 1))
  if [ "$tries" -ge 60 ]; then
    echo "seed.sh: no primary after $tries tries: $message" >&2
    exit 1
  fi
  sleep 1
done

# Verifiers instead of passwords: what reaches the server, and perhaps its log, is of no use to anybody.
PGPASSWORD=$superuser psql -X -q -v ON_ERROR_STOP=1 -U postgres -d postgres \
  -v trading_verifier="$(python3 /usr/local/lib/submilli/scram.py <"$secrets/app")" \
  -v submilli_verifier="$(python3 /usr/local/lib/submilli/scram.py <"$secrets/submilli")" \
  -f "$sql/docker/database.sql" -f "$sql/docker/monitoring-role.sql"
PGPASSWORD=$app psql -X -q -v ON_ERROR_STOP=1 -U trading -d grandmodel \
  -f "$sql/trading/schema.sql" -f "$sql/trading/seed.sql"
echo 'seeded'
