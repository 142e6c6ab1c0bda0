#!/usr/bin/env bash
# The measures of docs/benchmarks.md, ours and the peer in turn in one run: `make bench`. Nothing else should run meanwhile.
# Without arguments everything is measured and written into the document; ARGS="B1 --runs 1 --seconds 5" measures a part and
# only prints it.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

need_cargo
need_node
web_build
# A cluster of its own: that of the tests may be in use.
cluster=$target/bench-pg
trap 'scripts/postgres.sh stop "$cluster"' EXIT
trap 'exit 130' INT TERM
step "building as make demo does, optimised"
cargo build --locked --profile demo -p jingwei -p jingwei-testkit --bin jingwei --bin bench
export JINGWEI_BIN=$target/demo/jingwei
JINGWEI_TEST_POSTGRES=$(scripts/postgres.sh start "$cluster")
export JINGWEI_TEST_POSTGRES
# PostGIS, the peer of B2, belongs to the same version of PostgreSQL.
scripts/postgres.sh postgis
# pgbench, the peer of B1, is one of PostgreSQL's own programs.
PATH=$(scripts/postgres.sh bin):$PATH
export PATH
[ $# -gt 0 ] || set -- --write docs/benchmarks.md
step "measuring: $*"
"$target/demo/bench" "$@"
