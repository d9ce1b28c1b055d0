#!/usr/bin/env bash
# The demo's workload and every fault in turn: scripts/soak.sh [MINUTES] (60 unless told). Ends with a table and, where a
# line of it misses its aim, with 1. WEIR_SOAK_BIN names a binary that is there already; else the one of `make run` is built.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/lib.sh

ensure_rust
ensure_brokers
{ command -v unshare && command -v setpriv; } >/dev/null || apt_install util-linux

if [ -n "${WEIR_SOAK_BIN:-}" ]; then
    build=${WEIR_SOAK_BUILD:-debug}
    commit=${WEIR_SOAK_COMMIT:-unknown}
    binary=$WEIR_SOAK_BIN
else
    ensure_wasm_bindgen
    build_browser_half dev
    cargo build "${native[@]}" --bin weir
    build=debug
    commit=$(git describe --always --dirty)
    binary=$target/debug/weir
fi
say 'building the soak'
cargo build "${native[@]}" --bin weir-soak
# Names of hosts and a disk that nobody else sees: mounts of its own. The kernel ends it when this script goes.
own=(unshare --mount)
[ "$(id -u)" = 0 ] || own+=(--user --map-root-user)
WEIR_BIN=$(realpath "$binary") exec "${own[@]}" setpriv --pdeathsig KILL \
    "$target/debug/weir-soak" --minutes "${1:-60}" --build "$build" --commit "$commit" "${@:2}"
