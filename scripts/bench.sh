#!/usr/bin/env bash
# The measures of docs/benchmarks.md, ours and the peer in turn in one run: `make bench`. Nothing else should run meanwhile.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

need_cargo
need_node
web_build
trap 'scripts/postgres.sh stop' EXIT
trap 'exit 130' INT TERM
step "building, optimised"
cargo build --locked --release -p jingwei
cargo build --locked --release -p jingwei-testkit --bin bench
export JINGWEI_BIN=$target/release/jingwei
JINGWEI_TEST_POSTGRES=$(scripts/postgres.sh start)
export JINGWEI_TEST_POSTGRES
# pgbench, the peer of B1, is one of PostgreSQL's own programs.
PATH=$(scripts/postgres.sh bin):$PATH
export PATH
"$target/release/bench" "$@"
