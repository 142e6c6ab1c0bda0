#!/usr/bin/env bash
# A real PostgreSQL for tests and benchmarks: one throw-away cluster per folder, on 127.0.0.1 only.
#
#   scripts/postgres.sh start [folder]   start it (made at first), print nothing but its URL; starting twice is fine
#   scripts/postgres.sh url   [folder]   print the URL of the running one
#   scripts/postgres.sh bin            print the folder of its programs (pgbench and others)
#   scripts/postgres.sh postgis          make sure that PostGIS is installed for it (apt-get, as root)
#   scripts/postgres.sh kill9 [folder]   kill the server and all its processes at once, as a power cut would; `start` brings
#                                        it up again on the same port with what was committed
#   scripts/postgres.sh stop  [folder]   stop it and remove everything
#
# The folder holds what this script remembers (default: .pg of the checkout). PostgreSQL refuses to run as root: then the cluster is owned by
# another user and lies under /var/tmp, because that user may not be able to read the checkout. Everyone who can reach the
# loopback port is superuser: never put real data in it. fsync and synchronous_commit stay on: durability is tested.
set -euo pipefail

action=${1:-}
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
state=${2:-$here/.pg}

say() { echo "postgres.sh: $*" >&2; }
die() { say "$*"; exit 1; }

usage() { sed -n '2,/^set -euo/p' "${BASH_SOURCE[0]}" | grep '^#' | sed 's/^# \{0,1\}//' >&2; exit 2; }

# The folder with initdb and pg_ctl: PATH first, then where distributions put them, the highest version first.
find_bin() {
  local found dir
  # A link leads to the folder where its siblings are.
  if found=$(command -v initdb) && found=$(readlink -f "$found") && [ -x "$(dirname "$found")/pg_ctl" ]; then dirname "$found"; return; fi
  while read -r dir; do
    if [ -x "$dir/initdb" ] && [ -x "$dir/pg_ctl" ]; then echo "$dir"; return; fi
  done < <(ls -d /usr/lib/postgresql/*/bin /usr/pgsql-*/bin /opt/homebrew/opt/postgresql*/bin /usr/local/opt/postgresql*/bin 2>/dev/null | sort -rV)
  return 1
}

install_server() {
  [ "$(id -u)" = 0 ] || die "no PostgreSQL found: install it (Debian, Ubuntu: sudo apt-get install postgresql; Fedora: sudo dnf install postgresql-server; macOS: brew install postgresql) and run this again"
  command -v apt-get >/dev/null || die "no PostgreSQL found and no apt-get to install it: install PostgreSQL 14 or later and run this again"
  say "no PostgreSQL found, installing it with apt-get"
  export DEBIAN_FRONTEND=noninteractive
  # The tests make a cluster of their own; the package's would take port 5432 and stay running.
  if [ ! -e /etc/postgresql-common/createcluster.conf ]; then
    mkdir -p /etc/postgresql-common
    echo 'create_main_cluster = false' >/etc/postgresql-common/createcluster.conf
  fi
  local get=(apt-get install -y --no-install-recommends -o Dpkg::Options::=--force-confold postgresql)
  { "${get[@]}" || { apt-get update && "${get[@]}"; }; } >&2 </dev/null ||
    die "apt-get could not install postgresql: see its message above"
}

# PostGIS of the same version, for the benchmark that is measured against it.
postgis() {
  need_bin
  local version
  version=$("$bin/pg_config" --version 2>/dev/null || "$bin/postgres" --version)
  version=$(grep -oE '[0-9]+' <<<"$version" | head -n 1)
  [ -e "/usr/share/postgresql/$version/extension/postgis.control" ] && return
  [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null ||
    die "PostGIS is missing: install it for PostgreSQL $version (Debian, Ubuntu: sudo apt-get install postgresql-$version-postgis-3) and run this again"
  say "no PostGIS found, installing it with apt-get"
  local get=(env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "postgresql-$version-postgis-3")
  { "${get[@]}" || { apt-get update && "${get[@]}"; }; } >&2 </dev/null || die "apt-get could not install PostGIS: see its message above"
}

need_bin() {
  bin=$(find_bin) || { install_server; bin=$(find_bin) || die "PostgreSQL was installed, but initdb is not where it is looked for"; }
}

# Runs a command as the user that owns the cluster: ourselves, or somebody else when we are root.
as_owner() {
  if [ "$(id -u)" != 0 ]; then "$@"; return; fi
  (cd / && setpriv --reuid="$owner" --regid="$(id -g "$owner")" --clear-groups env HOME="$cluster" "$@")
}

remembered() { cat "$state/$1" 2>/dev/null || true; }

# The server's process id when it runs, else nothing. A killed server leaves its number behind, and another process may have
# it by now: only one that was started on this cluster counts.
server_pid() {
  local pid
  pid=$(head -n 1 "$cluster/postmaster.pid" 2>/dev/null) || return 0
  case $(ps -o args= -p "${pid:-0}" 2>/dev/null) in *"$cluster"*) echo "$pid" ;; esac
}

free_port() {
  local port
  while :; do
    port=$((20000 + RANDOM % 12000))
    (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || { echo "$port"; return; }
  done
}

url() { echo "postgres://jingwei@127.0.0.1:$(remembered port)/postgres"; }

make_cluster() {
  local locale=(--no-locale)
  # Sorting of the database differs from ours on purpose: a column without COLLATE "C" then shows in a test.
  if "$bin/initdb" --help | grep -q -- --icu-locale; then
    locale=(--locale-provider=icu --icu-locale=zh --locale=C)
  fi
  if [ "$(id -u)" = 0 ]; then
    cluster=$(mktemp -d /var/tmp/jingwei-pg.XXXXXX)
    chown "$owner" "$cluster"
  else
    cluster=$state/cluster
    mkdir -p "$cluster"
  fi
  chmod 700 "$cluster"
  echo "$cluster" >"$state/dir"
  as_owner "$bin/initdb" -D "$cluster" -U jingwei -A trust -E UTF8 "${locale[@]}" --no-sync >"$state/initdb.log" 2>&1 ||
    { cat "$state/initdb.log" >&2; die "initdb failed"; }
  # Nobody listens but the loopback port: no socket in a shared folder, no other address.
  as_owner tee -a "$cluster/postgresql.conf" >/dev/null <<'CONF'
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
max_connections = 200
fsync = on
synchronous_commit = on
full_page_writes = on
timezone = 'UTC'
log_timezone = 'UTC'
CONF
}

start_server() {
  local port=$1
  # 9>&-: the server must not inherit the lock of this script.
  as_owner "$bin/pg_ctl" -D "$cluster" -l "$cluster/log" -w -t 90 -o "-p $port" start >"$state/start.log" 2>&1 </dev/null 9>&-
}

start() {
  mkdir -p "$state"
  if command -v flock >/dev/null; then exec 9>"$state/lock"; flock 9; fi
  cluster=$(remembered dir)
  if [ -n "$cluster" ] && [ -n "$(server_pid)" ]; then url; return; fi
  need_bin
  if [ "$(id -u)" = 0 ]; then
    command -v setpriv >/dev/null || die "setpriv is missing: install util-linux, or run as a user that is not root"
    owner=postgres
    id "$owner" >/dev/null 2>&1 || owner=nobody
  fi
  local port tries=0
  if [ -z "$cluster" ] || [ ! -f "$cluster/PG_VERSION" ]; then
    make_cluster
    rm -f "$state/port"
  fi
  port=$(remembered port)
  if [ -n "$port" ]; then
    start_server "$port" || { tail -n 20 "$cluster/log" >&2; die "PostgreSQL did not come up again on port $port"; }
  else
    # Somebody may take the port between the look and the start: look again.
    until port=$(free_port) && start_server "$port"; do
      tries=$((tries + 1))
      if [ "$tries" -ge 5 ]; then cat "$state/start.log" "$cluster/log" >&2; die "PostgreSQL did not start"; fi
    done
    echo "$port" >"$state/port"
  fi
  url
}

# Waits until none of the given processes is left.
gone() {
  local pid n
  for pid in "$@"; do
    for ((n = 0; n < 200; n++)); do
      kill -0 "$pid" 2>/dev/null || break
      sleep 0.05
    done
  done
}

kill9() {
  local pid all
  cluster=$(remembered dir)
  pid=$([ -z "$cluster" ] || server_pid)
  [ -n "$pid" ] || die "no server to kill in $state"
  # Only this server and its own children. The children too: they would hold its shared memory and refuse the next start.
  all=($(echo "$pid"; ps -A -o pid=,ppid= | awk -v p="$pid" '$2 == p { print $1 }'))
  kill -9 "${all[@]}" 2>/dev/null || true
  gone "${all[@]}"
}

stop() {
  local pid
  cluster=$(remembered dir)
  if [ -n "$cluster" ]; then
    pid=$(server_pid)
    if [ -n "$pid" ]; then
      # SIGINT: fast shutdown. It does not wait for clients.
      kill -INT "$pid" 2>/dev/null || true
      gone "$pid"
      [ -z "$(server_pid)" ] || kill9
    fi
    case $cluster in
      /var/tmp/jingwei-pg.*|"$state"/cluster) rm -rf -- "$cluster" ;;
      *) say "leaving $cluster: not made by this script" ;;
    esac
  fi
  rm -f "$state"/{dir,port,lock,initdb.log,start.log}
  rmdir "$state" 2>/dev/null || true
}

case $action in
  start) start ;;
  stop) stop ;;
  postgis) postgis ;;
  kill9) kill9 ;;
  bin) need_bin; echo "$bin" ;;
  url)
    cluster=$(remembered dir)
    if [ -z "$cluster" ] || [ -z "$(server_pid)" ]; then die "not running: scripts/postgres.sh start"; fi
    url ;;
  *) usage ;;
esac
