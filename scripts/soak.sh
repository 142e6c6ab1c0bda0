#!/usr/bin/env bash
# The crash test with 1,000 kills on each engine: `make soak`, some hours. JINGWEI_KILLS sets another number.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

need_cargo
need_node
need_nextest
[ -d web/dist ] || web_build
trap 'scripts/postgres.sh stop' EXIT
trap 'exit 130' INT TERM
export JINGWEI_KILLS=${JINGWEI_KILLS:-1000}
export JINGWEI_BIN=$target/debug/jingwei
cargo build --locked -p jingwei
JINGWEI_TEST_POSTGRES=$(scripts/postgres.sh start)
export JINGWEI_TEST_POSTGRES
step "crash test, $JINGWEI_KILLS kills"
cargo nextest run --locked --workspace --profile soak --no-capture -E 'test(/crash/) & !test(/mutant/)'
