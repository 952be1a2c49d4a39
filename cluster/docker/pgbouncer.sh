#!/bin/sh
# Starts the pool. Its list of users is made here, in memory (tmpfs), from the secrets; where the primary is, is
# written by the service `follow-primary` into a file both share.
set -eu
umask 077

secrets=${SECRETS:-/run/secrets}
run=/tmp/pgbouncer
primary=/var/lib/pool/primary.ini

mkdir -p "$run"
: >"$run/userlist.txt"
# user=secret
for pair in trading=app submilli=submilli pgbouncer=pgbouncer; do
  if ! password=$(cat "$secrets/${pair#*=}"); then
    echo "pgbouncer.sh: no secret $secrets/${pair#*=}: make the secrets with 'node scripts/make-secrets.mjs'" >&2
    exit 1
  fi
  printf '"%s" "%s"\n' "${pair%%=*}" "$password" >>"$run/userlist.txt"
done

# Until somebody knows better; "timeline 0" is before any primary there can be.
if [ ! -e "$primary" ]; then
  printf '; primary since timeline 0\ngrandmodel = host=pg1 port=5432 dbname=grandmodel\n' >"$primary"
fi

exec pgbouncer /etc/pgbouncer/pgbouncer.ini
