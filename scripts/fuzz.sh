#!/usr/bin/env bash
# Fuzzes each target of tests/fuzz: scripts/fuzz.sh [SECONDS-EACH] [TARGET…]. It begins with the inputs that are kept in
# tests/fuzz/corpus and writes what it learns to target/fuzz/corpus. An input that fails lies in tests/fuzz/artifacts:
# what it found becomes a regression test, and the input goes to the corpus, which the test fuzz_corpus goes through.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/lib.sh

seconds=${1:-60}
shift || true
toolchain=${WEIR_FUZZ_TOOLCHAIN:-nightly}

ensure_rust
need rustup 'fuzzing needs a nightly compiler, https://rustup.rs'
rustup run "$toolchain" rustc --version >/dev/null 2>&1 || rustup toolchain install "$toolchain" --profile minimal
command -v cargo-fuzz >/dev/null || {
    say "installing cargo-fuzz into $tools (about two minutes, once)"
    cargo install --quiet --root "$tools" cargo-fuzz
}

# Of the same cfg as every build (.cargo/config.toml), which RUSTFLAGS would put aside.
export RUSTFLAGS="--cfg=erase_components ${RUSTFLAGS:-}" CARGO_TARGET_DIR=$target/fuzz
# All of Weir is safe Rust but one crate: an address sanitizer would only slow it down.
fuzz() { cargo "+$toolchain" fuzz "$1" --fuzz-dir tests/fuzz --dev --sanitizer none "${@:2}"; }

# fuzz_one TARGET: says how many inputs were tried and what was found; all that libFuzzer says is in a log.
fuzz_one() {
    local name=$1 log=$target/fuzz/$1.log dictionary=tests/fuzz/dictionaries/$1 options code=0
    options=("-max_total_time=$seconds" -timeout=20 -print_final_stats=1)
    [ -f "$dictionary" ] && options+=("-dict=$dictionary")
    # New inputs go to the first folder, outside of the sources.
    mkdir -p "$target/fuzz/corpus/$name"
    fuzz run "$name" "$target/fuzz/corpus/$name" "tests/fuzz/corpus/$name" -- "${options[@]}" >"$log" 2>&1 || code=$?
    if [ "$code" = 0 ]; then
        say "$name: $(inputs "$log") inputs, nothing found"
        return
    fi
    grep -A1 'panicked at' "$log" >&2 || tail -20 "$log" >&2
    say "$name: FOUND something after $(inputs "$log") inputs; the input: $(sed -n 's/.*Test unit written to //p' "$log" | tail -1) (all of it: $log)"
    return "$code"
}

# inputs LOG: how many were tried.
inputs() { awk '/^stat::number_of_executed_units/ { n = $2 } /^#[0-9]/ { seen = substr($1, 2) } END { print n ? n : seen + 0 }' "$1"; }

if [ $# -gt 0 ]; then targets=("$@"); else mapfile -t targets < <(cargo "+$toolchain" fuzz list --fuzz-dir tests/fuzz); fi
step 'fuzz: build' fuzz build
found=()
for name in "${targets[@]}"; do fuzz_one "$name" || found+=("$name"); done
[ ${#found[@]} -eq 0 ] || fail "found something: ${found[*]}"
say "nothing found in ${#targets[@]} targets"
