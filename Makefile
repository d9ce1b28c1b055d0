# Thin: each target is a script of its name in scripts/. `make help` lists them.
.DEFAULT_GOAL := help
.PHONY: help run demo build test check bench soak fuzz screens

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 16

run: ## build what has changed, start Weir on 127.0.0.1:9347 (more arguments: ARGS="--arm")
	@scripts/run.sh $(ARGS)

demo: ## private RabbitMQ, Redis and Kafka with a busy shop on them, and Weir on top; Ctrl C ends all of it
	@scripts/demo.sh $(ARGS)

build: ## the release binary, one file to copy: target/release/weir
	@scripts/build.sh

test: ## every test, against real brokers and a real browser; installs on Debian what is missing
	@scripts/test.sh

check: ## format and lints of both halves
	@scripts/check.sh

bench: ## what it costs with 1,000 queues, about 15 minutes (one line of docs/performance.md: ONE=name)
	@scripts/bench.sh $(ONE)

soak: ## the demo's workload and every fault in turn, an hour or MINUTES=10, into docs/soak.md
	@scripts/soak.sh $(or $(MINUTES),60)

fuzz: ## made-up ids, filters, configs and brokers' answers, a minute each (longer: SECONDS=600)
	@scripts/fuzz.sh $(or $(SECONDS),60)

screens: ## pictures of the running Weir for the README, light and dark (after an hour of `make demo` they look best)
	@scripts/screens.sh $(ARGS)
