# The recipes are the steps of CI. Longer ones are scripts of the same name in scripts/.
.DEFAULT_GOAL := help
.PHONY: help demo test lint fmt web bench soak pg-start pg-stop clean

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{ printf "  make %-10s %s\n", $$1, $$2 }'

demo: ## build and run the demo on http://127.0.0.1:8080 (ARGS="--listen … --data …")
	@exec scripts/demo.sh $(ARGS)

test: ## everything that has to hold; sets up PostgreSQL and what else it needs
	@exec scripts/test.sh

lint: ## format, lints, tables, texts, licences
	@exec scripts/lint.sh

fmt: ## put the Rust code into its format
	cargo fmt --all

web: ## build the page into web/dist
	@bash -c 'source scripts/lib.sh && need_node && web_build'

bench: ## measure against peers, write docs/benchmarks.md
	@exec scripts/bench.sh $(ARGS)

soak: ## the crash test with 1,000 kills, some hours
	@exec scripts/soak.sh

pg-start: ## start a PostgreSQL for single tests, print its URL (export it as JINGWEI_TEST_POSTGRES)
	@scripts/postgres.sh start

pg-stop: ## stop it and remove it
	@scripts/postgres.sh stop

clean: ## remove what was built; keeps the demo's data (.demo)
	cargo clean
	rm -rf web/dist web/node_modules .venv
