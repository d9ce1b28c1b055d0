#!/usr/bin/env bash
# Format, lengths and lints. Each half of the app is linted apart, as it is built.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/lib.sh

# Functions are counted by clippy (clippy.toml).
no_long_files() {
    local long
    long=$(find app server tests scripts style migrations -type f -not -path '*/node_modules/*' \
        \( -name '*.rs' -o -name '*.mjs' -o -name '*.css' -o -name '*.sql' -o -name '*.sh' \) \
        -exec awk 'END { if (NR > 400) print FILENAME ": " NR " lines" }' {} \;)
    [ -z "$long" ] || fail "longer than 400 lines: $long"
}

ensure_rust
step 'check: format' cargo fmt --all --check
step 'check: length of files' no_long_files
step 'check: lints of the server half' cargo clippy --quiet "${native[@]}" --all-targets -- -D warnings
step 'check: lints of the browser half' cargo clippy --quiet -p weir-app --lib --no-default-features \
    --features hydrate --target wasm32-unknown-unknown --profile wasm-dev -- -D warnings
