# What the scripts beside it share. Sourced, with the project's root as the working folder.
# shellcheck shell=bash

target=${CARGO_TARGET_DIR:-$PWD/target}
tools=$target/tools
export PATH="$tools/bin:$PATH"

# The crates that build for this machine. Always named together, so that every script and every command resolves the
# same features and nothing is compiled twice. The browser half is built apart (build-wasm.sh), never with these:
# Leptos' two halves are features of one crate that exclude each other.
native=(-p weir-model -p weir-app -p weir-kafka-admin -p weir -p weir-tests --features weir-app/ssr)

say() { printf '\033[1m==> %s\033[0m\n' "$*" >&2; }

fail() {
    printf 'error: %s\n' "$*" >&2
    exit 1
}

# need COMMAND HOW-TO-GET-IT
need() { command -v "$1" >/dev/null || fail "$1 is missing: $2"; }

# step NAME COMMAND…: says what is done and how long it took; the minutes are also kept where WEIR_STEPS says.
# A failing command ends the script, unless the caller says `step … || …`.
step() {
    local name=$1 begin=$SECONDS code took
    shift
    say "$name"
    "$@"
    code=$?
    took=$(awk -v s=$((SECONDS - begin)) 'BEGIN { printf "%5.1f min", s / 60 }')
    say "$name: $took"
    if [ -n "${WEIR_STEPS:-}" ]; then printf '%s  %s\n' "$took" "$name" >>"$WEIR_STEPS"; fi
    return "$code"
}

# Rust with the browser's target. Quiet where all is there.
ensure_rust() {
    need cargo 'get Rust from https://rustup.rs'
    need cc 'apt-get install build-essential'
    need make 'apt-get install build-essential'
    need perl 'apt-get install perl'
    [ -d "$(rustc --print sysroot)/lib/rustlib/wasm32-unknown-unknown" ] && return
    need rustup "the target wasm32-unknown-unknown comes by rustup, https://rustup.rs"
    say 'installing the Rust target wasm32-unknown-unknown'
    rustup target add wasm32-unknown-unknown
}

# wasm-bindgen of the version in Cargo.lock: its output and the crate must be of one version.
ensure_wasm_bindgen() {
    local version
    version=$(awk '/^name = "wasm-bindgen"$/ { getline; gsub(/[^0-9.]/, ""); print }' Cargo.lock)
    [ "$(wasm-bindgen --version 2>/dev/null)" = "wasm-bindgen $version" ] && return
    say "installing wasm-bindgen-cli $version into $tools (about two minutes, once)"
    cargo install --quiet --root "$tools" wasm-bindgen-cli --version "=$version"
}

# Builds the browser half and says to the server's build where it lies.
build_browser_half() {
    local folder
    folder=$(scripts/build-wasm.sh "$1")
    export WEIR_WASM_DIR=$folder
}

# apt_install PACKAGE…: as root or by sudo, and only on Debian and its kin.
apt_install() {
    [ $# -gt 0 ] || return 0
    local as_root=()
    if [ "$(id -u)" != 0 ]; then
        if ! command -v sudo >/dev/null; then fail "as root: apt-get install $*"; fi
        as_root=(sudo)
    fi
    need apt-get "install $* with this system's package manager"
    say "installing with apt-get: $*"
    "${as_root[@]}" apt-get update -qq </dev/null
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get install -qq -y --no-install-recommends "$@" </dev/null >/dev/null
}

# The servers that the demo and the tests start for themselves.
ensure_brokers() {
    local missing=()
    [ -x /usr/lib/rabbitmq/bin/rabbitmq-server ] || missing+=(rabbitmq-server)
    command -v redis-server >/dev/null || missing+=(redis-server)
    command -v java >/dev/null || missing+=(default-jre-headless)
    command -v mvn >/dev/null || missing+=(maven)
    apt_install "${missing[@]}"
    scripts/kafka-jars.sh >/dev/null
}

# The browser of the browser tests, and what drives it.
ensure_browser() {
    local missing=()
    command -v chromium >/dev/null || missing+=(chromium)
    command -v node >/dev/null || missing+=(nodejs)
    command -v npm >/dev/null || missing+=(npm)
    apt_install "${missing[@]}"
    if [ ! tests/browser/node_modules/.package-lock.json -nt tests/browser/package-lock.json ]; then
        say "installing the browser tests' packages"
        (cd tests/browser && npm ci --no-audit --no-fund --silent </dev/null)
    fi
}

# The article's programs in Python, and the network of its own in which the acceptance test runs them.
ensure_programs() {
    local missing=() python=$target/python wanted=tests/article/requirements.txt
    python3 -c 'import venv, ensurepip' 2>/dev/null || missing+=(python3 python3-venv)
    command -v ip >/dev/null || missing+=(iproute2)
    { command -v unshare && command -v setpriv; } >/dev/null || missing+=(util-linux)
    apt_install "${missing[@]}"
    if ! cmp -s "$wanted" "$python/installed.txt"; then
        say "installing pika, redis-py and kafka-python into $python"
        python3 -m venv --clear "$python"
        "$python/bin/pip" install --quiet --disable-pip-version-check --requirement "$wanted" </dev/null
        cp "$wanted" "$python/installed.txt"
    fi
    WEIR_PYTHON=$(cd "$python" && pwd)/bin/python
    export WEIR_PYTHON
}
