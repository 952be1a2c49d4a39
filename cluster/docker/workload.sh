#!/bin/sh
# The trading workload through the pool: pgbench, paced (RATE transactions a second), in runs of ten minutes, and for so
# many HOURS in all. A client of pgbench gives up when its server goes away: the next run has it back.
set -eu
umask 077

secrets=${SECRETS:-/run/secrets}
scripts=${SCRIPTS:-/srv/submilli/trading/workload}
rate=${RATE:-200}
hours=${HOURS:-48}
heartbeat=/tmp/last-progress

app=$(cat "$secrets/app")
printf '*:*:grandmodel:trading:%s\n' "$app" >/tmp/pgpass
export PGPASSFILE=/tmp/pgpass PGAPPNAME=trading PGCONNECT_TIMEOUT=3

# How often a script runs compared to the others: its line "-- weight: N"; 1 without one.
set --
for file in "$scripts"/*.sql; do
  if [ ! -e "$file" ]; then
    echo "workload.sh: no scripts in $scripts" >&2
    exit 1
  fi
  weight=$(sed -n 's/^--[[:space:]]*weight:[[:space:]]*\([0-9][0-9]*\).*/\1/p' "$file" | head -n 1)
  set -- "$@" "--file=$file@${weight:-1}"
done

# The health check looks at the age of the heartbeat, which only transactions that go through renew.
watch() {
  while IFS= read -r line; do
    printf '%s\n' "$line"
    case $line in
      "progress: "*" s, 0.0 tps"*) ;;
      "progress: "*) touch "$heartbeat" ;;
    esac
  done
}

# In the background, because a shell hears of a signal only when the command in its foreground has ended.
trap 'exit 0' TERM INT
end=$(($(date +%s) + hours * 3600))
while [ "$(date +%s)" -lt "$end" ]; do
  pgbench --no-vacuum --protocol=simple --client=8 --jobs=1 "--rate=$rate" --time=600 --progress=5 --max-tries=3 \
    "$@" --host=pgbouncer --port=6432 --username=trading grandmodel 2>&1 | watch &
  wait $!
  sleep 2
done
