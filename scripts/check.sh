#!/usr/bin/env bash
# Format and lints. Each half of the app is linted apart, as it is built.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/lib.sh

ensure_rust
step 'check: format' cargo fmt --all --check
step 'check: lints of the server half' cargo clippy --quiet "${native[@]}" --all-targets -- -D warnings
step 'check: lints of the browser half' cargo clippy --quiet -p weir-app --lib --no-default-features \
    --features hydrate --target wasm32-unknown-unknown --profile wasm-dev -- -D warnings
