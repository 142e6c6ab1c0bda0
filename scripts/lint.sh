#!/usr/bin/env bash
# What can be said about the project without running it: format, lints, tables, texts, licences of dependencies.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

need_cargo
need_node
need_python
# The page is embedded by the Rust code: its folder has to exist before anything compiles.
[ -d web/dist ] || web_build
step "tables, texts and licences"
python3 scripts/check_data.py
python3 scripts/check_text.py
python3 scripts/check_licences.py
step "format"
cargo fmt --all -- --check
step "lints"
cargo clippy --locked --workspace --all-targets -- -D warnings
