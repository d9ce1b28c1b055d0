#!/usr/bin/env bash
# Every test there is: units, contracts and figures against real brokers, and the pages in a real browser.
# Ends with one line over all of them, in the words of `cargo test`.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/lib.sh

log=$(mktemp -d)
trap 'rm -rf "$log"' EXIT
# A backtrace of a failed assertion has a hundred lines and no news.
export RUST_BACKTRACE=${RUST_BACKTRACE_IN_TESTS:-0}
# Most tests wait for a broker most of the time.
export RUST_TEST_THREADS=${RUST_TEST_THREADS:-6}

install() {
    ensure_brokers
    ensure_browser
    ensure_programs
    ensure_wasm_bindgen
}

build() {
    build_browser_half dev
    cargo build "${native[@]}" --bins --tests
    # Another checkout may share the target folder: what is tested is what was built here.
    cp "$target/debug/weir" "$target/debug/weir-workload" "$log/"
    export WEIR_BIN=$log/weir WEIR_WORKLOAD_BIN=$log/weir-workload
}

rust_tests() { cargo test "${native[@]}" --no-fail-fast 2>&1 | tee "$log/rust"; }

browser_tests() { node tests/browser/run.mjs 2>&1 | tee "$log/browser"; }

# The sum over the `test result:` lines of cargo and the totals of node.
summary() {
    cat "$log/rust" "$log/browser" | awk -v seconds="$SECONDS" -v verdict="$1" '
        /^test result:/ { passed += $4; failed += $6; ignored += $8 }
        /^# pass /      { passed += $3 }
        /^# fail /      { failed += $3 }
        /^# cancelled / { failed += $3 }
        /^# skipped /   { ignored += $3 }
        END {
            if (passed == 0 || failed > 0) verdict = "FAILED"
            printf "test result: %s. %d passed; %d failed; %d ignored; 0 measured; 0 filtered out; finished in %ds\n",
                verdict, passed, failed, ignored, seconds
            exit verdict != "ok"
        }'
}

ensure_rust
step 'test: what is missing' install
step 'test: build' build
verdict=ok
step 'test: Rust' rust_tests || verdict=FAILED
step 'test: browser' browser_tests || verdict=FAILED
summary "$verdict"
