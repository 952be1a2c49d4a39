#!/bin/sh
# Patroni runs this on a member when it starts and when its role changes: `on-role-change.sh EVENT ROLE SCOPE`. Who has
# become primary points the pool at itself. It depends on this member's reaching the pool, and on nobody else.
set -eu

case $2 in
  master | primary) ;; # "master" up to Patroni 3
  *) exit 0 ;;
esac

include='{{include}}'
printf '; primary by callback, timeline 0\n%s\n' \
  '{{database}} = host={{host}} port={{port}} dbname={{database}}' >"$include.partial"
mv "$include.partial" "$include"

PGPASSWORD=$(cat '{{password_file}}')
export PGPASSWORD
exec '{{psql}}' --no-psqlrc --quiet --command RELOAD \
  'host=pgbouncer hostaddr={{console_address}} port={{console_port}} user=pgbouncer dbname=pgbouncer connect_timeout=2 sslmode=verify-full sslrootcert={{ca_file}}'
