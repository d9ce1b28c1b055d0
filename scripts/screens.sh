#!/usr/bin/env bash
# Takes the pictures in docs/screens from a Weir that runs: scripts/screens.sh [address] [folder].
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/lib.sh

ensure_browser
node tests/browser/screens.mjs "$@"
