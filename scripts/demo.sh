#!/usr/bin/env bash
# Private brokers, a busy shop on them, and Weir on top. Ctrl C ends all of it.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/lib.sh

ensure_rust
ensure_wasm_bindgen
say 'building the browser half'
build_browser_half dev
say 'building Weir and the workload'
cargo build "${native[@]}" --bin weir --bin weir-workload

compose=(docker compose -f tests/brokers/compose.yaml)
if docker info >/dev/null 2>&1 && "${compose[@]}" pull --quiet 2>/dev/null; then
    say 'starting RabbitMQ, Redis and Kafka in containers'
    trap '"${compose[@]}" down --volumes' EXIT
    trap : INT TERM
    "${compose[@]}" up --detach --wait
    "$target/debug/weir-workload" --amqp amqp://guest:guest@127.0.0.1:25672 \
        --management http://127.0.0.1:25673 --redis redis://127.0.0.1:26379 --kafka 127.0.0.1:29092 "$@"
else
    ensure_brokers
    exec "$target/debug/weir-workload" "$@"
fi
