#!/usr/bin/env bash
# Builds what has changed and starts Weir. Arguments go to `weir serve`.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/lib.sh

ensure_rust
ensure_wasm_bindgen
say 'building the browser half'
build_browser_half dev
say 'building the server'
cargo build "${native[@]}" --bin weir
say 'starting Weir; Ctrl C ends it'
exec "$target/debug/weir" serve "$@"
