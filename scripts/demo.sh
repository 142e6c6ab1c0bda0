#!/usr/bin/env bash
# Builds and runs the demo: `make demo`, `make demo ARGS="--listen 127.0.0.1:9000 --data /tmp/demo"`.
# Ends by becoming the program itself, so that Ctrl-C reaches it and leaves no process behind.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

need_cargo
need_node
step "building the page"
web_build
if [ -x "$target/demo/jingwei" ]; then
  step "building the program"
else
  step "building the program: the first time takes some minutes (optimised, without LTO; about 4 on two cores)"
fi
cargo build --locked --profile demo -p jingwei
exec "$target/demo/jingwei" demo "$@"
