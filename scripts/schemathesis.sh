#!/usr/bin/env bash
# Sends requests made from the OpenAPI document to a running server and fails on a 5xx (503 with Retry-After excepted), on a status the
# document does not name and on an answer that is not what it says.
#
#   scripts/schemathesis.sh http://127.0.0.1:8080 TOKEN [options of schemathesis run]
#
# The server's data is spoilt by it: never point it at one that matters. Bounded by examples per operation
# (JINGWEI_FUZZ_EXAMPLES, 30): about 3 minutes. Longer than 10 is a fault.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

[ $# -ge 2 ] || { sed -n '2,8p' "${BASH_SOURCE[0]}" | sed 's/^# \{0,1\}//' >&2; exit 2; }
url=${1%/} token=$2
shift 2
version=4.32.5

need_python
venv=$root/.venv
if ! "$venv/bin/schemathesis" --version 2>/dev/null | grep -qF "$version"; then
  step "installing schemathesis $version into .venv (once)"
  python3 -m venv "$venv" || die "python3 cannot make a virtual environment: Debian, Ubuntu: sudo apt-get install python3-venv"
  "$venv/bin/pip" install --quiet --disable-pip-version-check "schemathesis==$version" ||
    die "schemathesis $version could not be installed with pip: see its message above"
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
printf 'hooks = "schemathesis_checks"\n' >"$work/schemathesis.toml"

# One worker: with more, Python's own parser fails now and then while Hypothesis reads lambdas in two threads.
# The feed never ends, and signing out would take the token away; both have tests of their own.
cd "$work" # it leaves a folder of what it found where it runs
PYTHONPATH=$root/scripts NO_PROXY=127.0.0.1,localhost \
  timeout --foreground 600 "$venv/bin/schemathesis" --config-file "$work/schemathesis.toml" run "$url/api/openapi.json" \
  --header "Authorization: Bearer $token" \
  --checks server_keeps_standing,status_code_conformance,content_type_conformance,response_schema_conformance \
  --exclude-path-regex '/(feed|sessions/current)$' \
  --phases examples,coverage,fuzzing \
  --max-examples "${JINGWEI_FUZZ_EXAMPLES:-30}" \
  --request-timeout 10 --workers 1 --seed 20261120 \
  --generation-database none --suppress-health-check all --warnings off --no-color --continue-on-failure "$@"
