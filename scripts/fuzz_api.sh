#!/usr/bin/env bash
# Starts the demo on data of its own and runs schemathesis.sh against it: every operation as the officer of the town centre, and
# those that only an administrator may use as one. JINGWEI_BIN names another program than the one of the dev profile.
#
#   scripts/fuzz_api.sh [file for the result, as JUnit]
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

need_python
program=${JINGWEI_BIN:-$target/debug/jingwei}
[ -x "$program" ] || die "$program is missing: cargo build -p jingwei"

work=$(mktemp -d)
server=
finish() {
  [ -z "$server" ] || { kill "$server" 2>/dev/null && wait "$server" 2>/dev/null; } || true
  rm -rf "$work"
}
trap finish EXIT
trap 'exit 130' INT TERM

port=$((32000 + RANDOM % 8000))
url=http://127.0.0.1:$port
"$program" demo --data "$work/data" --listen "127.0.0.1:$port" >"$work/out" 2>"$work/log" &
server=$!

# The demo prints a sign-in as a line that begins with the account and goes on with the password.
password_of() { awk -v account="$1" '$1 == account { print $2; exit }' "$work/out"; }
for ((n = 0; n < 300; n++)); do
  [ -n "$(password_of officer-hlx)" ] && [ -n "$(password_of admin-sl)" ] && break
  kill -0 "$server" 2>/dev/null || { tail -n 20 "$work/out" "$work/log" >&2; die "the demo ended before it printed its sign-ins"; }
  sleep 1
done
[ -n "$(password_of admin-sl)" ] || { tail -n 20 "$work/out" "$work/log" >&2; die "the demo printed no sign-ins within 5 minutes"; }

sign_in() {
  python3 - "$url/api/v1/sessions" "$1" "$(password_of "$1")" <<'PY'
import json, sys, urllib.request
url, account, password = sys.argv[1:]
body = json.dumps({"account": account, "password": password}).encode()
request = urllib.request.Request(url, body, {"Content-Type": "application/json"})
# No proxy of the environment: the server is on this machine.
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
print(json.load(opener.open(request, timeout=30))["token"])
PY
}

token=$(sign_in officer-hlx) || die "officer-hlx could not sign in"
step "every operation, as the officer of the town centre"
scripts/schemathesis.sh "$url" "$token" ${1:+--report-junit-path "$1"}

token=$(sign_in admin-sl) || die "admin-sl could not sign in"
step "imports, as the administrator of the district"
scripts/schemathesis.sh "$url" "$token" --include-path-regex '/imports'
kill -0 "$server" 2>/dev/null || { tail -n 20 "$work/log" >&2; die "the server did not outlive the requests"; }
