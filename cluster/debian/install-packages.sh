#!/bin/sh
# Installs Debian packages without side effects: no PostgreSQL cluster is created in /etc, no service is started, and
# what the packages enable at boot is disabled again. Used by `submilli packages`; run it as root:
#
#   sh install-packages.sh PACKAGE...
#
# Debian starts a service as its package is installed unless a policy says no, and creates a cluster "main" with the
# first PostgreSQL server unless told not to. Both are told here for as long as apt runs, and the files that tell it are
# removed however this script ends.
set -eu
umask 022
export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8

mark='# Temporary, by Submilli while it installs packages. If no installation is running, remove this file.'
policy=/usr/sbin/policy-rc.d
folder=/etc/postgresql-common/createcluster.d
answer="$folder/submilli.conf"
made_folder=no

cleanup() {
  rm -f "$answer"
  if [ "$made_folder" = yes ]; then rmdir --ignore-fail-on-non-empty "$folder"; fi
  if [ -f "$policy" ] && grep -qF "$mark" "$policy"; then rm -f "$policy"; fi
}
# The shell runs a trap when the command before it has ended: apt never works on without its guards.
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
trap 'exit 129' HUP

installed() { [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }
known() { apt-cache show --no-all-versions "$1" >/dev/null 2>&1; }
get() { apt-get -o DPkg::Lock::Timeout=120 -o Dpkg::Use-Pty=0 "$@"; }

new=''
for package in "$@" postgresql-common; do
  installed "$package" || new="$new $package"
done

[ -d "$folder" ] || { mkdir -p "$folder" && made_folder=yes; }
printf '%s\ncreate_main_cluster = false\n' "$mark" >"$answer"
if [ ! -e "$policy" ]; then
  printf '#!/bin/sh\n%s\nexit 101\n' "$mark" >"$policy"
  chmod 755 "$policy"
fi

fresh=no
for package in "$@"; do
  if ! known "$package"; then
    get update
    fresh=yes
    break
  fi
done
install() { get install -y --no-install-recommends -o Dpkg::Options::=--force-confold "$@"; }
if ! install "$@"; then
  # Lists that are older than the archive name files that are gone.
  [ "$fresh" = no ] || exit 100
  get update
  install "$@"
fi

# Only what came with packages that were not here before: what somebody had enabled stays enabled.
if command -v systemctl >/dev/null 2>&1; then
  for package in $new; do
    installed "$package" || continue
    for unit in $(dpkg-query -L "$package" | sed -n 's#^\(/usr\)\{0,1\}/lib/systemd/system/\([^/@]*\.\(service\|timer\|socket\)\)$#\2#p'); do
      systemctl --quiet disable "$unit" || true
      if [ -d /run/systemd/system ]; then systemctl --quiet stop "$unit" || true; fi
    done
  done
fi
