#!/usr/bin/env bash
# Everything that has to hold before a change is taken: `make test`, and `.ci/run` which calls it.
# Sets up what it needs itself and stops it again. Nothing is skipped: what cannot be set up ends the run with a line that
# says what to do.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

need_cargo
need_node
need_python
need_nextest
need_gdal

export JINGWEI_BIN=$target/debug/jingwei
export JINGWEI_MUTANT_BIN=$target/mutants/jingwei
# nextest keeps its results in the checkout, wherever the target folder is.
junit=$root/target/nextest/default/junit.xml
web_junit=$root/target/web-junit.xml
fuzz_junit=$root/target/fuzz-junit.xml
# Old results must not speak for this run.
mkdir -p "$root/target"
rm -f "$junit" "$web_junit" "$fuzz_junit"

# Ctrl-C and failures come through here as well.
trap 'scripts/postgres.sh stop' EXIT
trap 'exit 130' INT TERM

step "page: check, test, build"
web_dependencies
(
  cd web
  npm run --silent check
  npm test --silent -- --reporter=default --reporter=junit --outputFile.junit="$web_junit"
)
web_build

step "scripts: their own tests"
python3 -m unittest discover -s scripts

scripts/lint.sh

step "working days: the spans the tests compare with, from an independent calendar"
scripts/calendar_check.sh

step "the program, and the one with faults built in that the crash test must find"
cargo build --locked -p jingwei --features mutants
mkdir -p "$(dirname "$JINGWEI_MUTANT_BIN")"
cp -f "$JINGWEI_BIN" "$JINGWEI_MUTANT_BIN"
cargo build --locked -p jingwei

step "PostgreSQL"
JINGWEI_TEST_POSTGRES=$(scripts/postgres.sh start)
export JINGWEI_TEST_POSTGRES

step "tests"
cargo nextest run --locked --workspace

# nextest leaves these out: among them the proof that an event with words in the open does not compile.
step "examples in the documentation"
cargo test --locked --doc -p jingwei-core

step "requests nobody would write, made from the OpenAPI document"
scripts/fuzz_api.sh "$fuzz_junit"

step "acceptance: every line of docs/acceptance.md is shown by a test that ran"
python3 scripts/acceptance.py --junit "$junit" --web-junit "$web_junit" --fuzz-junit "$fuzz_junit"

step "done"
python3 scripts/summary.py "$junit" "$web_junit" "$fuzz_junit"
