#!/usr/bin/env bash
# Builds the release binary. It carries all it serves: one file to copy.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/lib.sh

ensure_rust
ensure_wasm_bindgen
say 'building the browser half, small'
build_browser_half release
say 'building the server, optimised'
cargo build --release -p weir
say "$target/release/weir ($(du -h "$target/release/weir" | cut -f1))"
