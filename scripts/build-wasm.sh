#!/usr/bin/env bash
# Builds the browser half of Weir: scripts/build-wasm.sh [dev|release].
# Prints the folder of weir.js and weir_bg.wasm; give it to the server's build as WEIR_WASM_DIR.
set -euo pipefail
cd "$(dirname "$0")/.."

profile=wasm-${1:-dev}
case $profile in
  wasm-dev | wasm-release) ;;
  *) echo "build-wasm: \"${1}\" is no profile; dev and release are" >&2; exit 2 ;;
esac
target=${CARGO_TARGET_DIR:-target}
out=$(mkdir -p "$target/site/$profile" && cd "$target/site/$profile" && pwd)

# The command and the crate in Cargo.lock must be of one version: their formats change together.
locked=$(awk '/^name = "wasm-bindgen"$/ { getline; gsub(/[^0-9.]/, ""); print }' Cargo.lock)
if ! command -v wasm-bindgen > /dev/null || [ "$(wasm-bindgen --version)" != "wasm-bindgen $locked" ]; then
  echo "build-wasm: needs wasm-bindgen $locked; get it with: cargo install wasm-bindgen-cli --version =$locked" >&2
  exit 1
fi

cargo build -p weir-app --lib --no-default-features --features hydrate \
  --target wasm32-unknown-unknown --profile "$profile" >&2

wasm=$target/wasm32-unknown-unknown/$profile/weir_app.wasm
if [ "$wasm" -nt "$out/weir_bg.wasm" ]; then
  wasm-bindgen --target web --no-typescript --out-name weir --out-dir "$out" "$wasm" >&2
  if [ "$profile" = wasm-release ]; then
    if command -v wasm-opt > /dev/null; then
      # The features that rustc uses. With all of them, types get in that no browser knows.
      wasm-opt -Oz --enable-mutable-globals --enable-sign-ext --enable-nontrapping-float-to-int \
        --enable-bulk-memory --enable-reference-types --enable-multivalue \
        -o "$out/weir_bg.wasm" "$out/weir_bg.wasm" >&2
    else
      echo "build-wasm: no wasm-opt here, the wasm stays a third larger (npm install -g binaryen@132)" >&2
    fi
  fi
fi
echo "$out"
