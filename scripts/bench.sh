#!/usr/bin/env bash
# Measures what Weir costs with 1,000 queues: scripts/bench.sh [ONE]. Results go to tests/bench/results, the table to
# docs/performance.md. WEIR_BENCH_BIN names a binary that is there already: then nothing is built, and unless
# WEIR_BENCH_BUILD says that it is a release, nothing is written.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/lib.sh

ensure_rust
ensure_brokers
command -v sqlite3 >/dev/null || apt_install sqlite3

if [ -n "${WEIR_BENCH_BIN:-}" ]; then
    build=${WEIR_BENCH_BUILD:-dev}
    commit=${WEIR_BENCH_COMMIT:-unknown}
    binary=$WEIR_BENCH_BIN
else
    scripts/build.sh
    build=release
    commit=$(git describe --always --dirty)
    binary=$target/release/weir
fi
say 'building the bench'
cargo build "${native[@]}" --bin weir-bench
WEIR_BIN=$binary "$target/debug/weir-bench" --build "$build" --commit "$commit" ${1:+--one "$1"}
