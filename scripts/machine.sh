# What the scripts here need and do not find, they install: a newcomer's machine has none of it.
# Read by them, not run by itself.
# shellcheck shell=bash

missing_packages=()

# Wants Debian packages if a command is missing: `need_command cc build-essential`
need_command() {
    command -v "$1" >/dev/null || missing_packages+=("${@:2}")
}

# Wants a Python that can make environments and open SQLite.
need_python() {
    python3 -c 'import ensurepip, sqlite3, venv' 2>/dev/null ||
        missing_packages+=(python3 python3-venv)
}

# Installs what was wanted, with sudo unless you are root.
install_packages() {
    [ ${#missing_packages[@]} -gt 0 ] || return 0
    local as_root=()
    [ "$(id -u)" = 0 ] || as_root=(sudo)
    echo "Installing ${missing_packages[*]}" >&2
    "${as_root[@]}" apt-get update -qq
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -qq --no-install-recommends "${missing_packages[@]}"
}

# Installs the toolchain that rust-toolchain.toml names.
install_rust() {
    PATH="${CARGO_HOME:-$HOME/.cargo}/bin:$PATH"
    if ! command -v cargo >/dev/null; then
        echo "Installing Rust" >&2
        curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs |
            sh -s -- -y --profile minimal --default-toolchain none
    fi
    if ! { cargo --version && cargo clippy --version && cargo fmt --version; } >/dev/null 2>&1; then
        echo "Installing the toolchain of rust-toolchain.toml" >&2
        rustup toolchain install
    fi
}

# Installs Python packages into an environment of their own, once for each set of versions:
# `install_from_pypi target/signers/python browser-use-sdk==2.0.15`
install_from_pypi() {
    local home=$1
    shift
    [ "$(cat "$home/.installed" 2>/dev/null)" != "$*" ] || return 0
    echo "Installing $* from PyPI" >&2
    python3 -m venv --clear "$home"
    "$home/bin/pip" install --quiet --disable-pip-version-check "$@"
    echo "$*" >"$home/.installed"
}

# The same for Node packages: `install_from_npm target/signers/node browser-use-sdk@2.0.15`
install_from_npm() {
    local home=$1
    shift
    [ "$(cat "$home/.installed" 2>/dev/null)" != "$*" ] || return 0
    echo "Installing $* from npm" >&2
    mkdir -p "$home"
    npm install --silent --no-audit --no-fund --prefix "$home" "$@"
    echo "$*" >"$home/.installed"
}

# Installs a subcommand of cargo from source, without optimisation: it builds in half the time, and
# runs for seconds. `install_cargo_tool cargo-deny 0.20.2 [FLAGS…]`
install_cargo_tool() {
    local name=$1 version=$2
    shift 2
    command -v "$name" >/dev/null && return
    echo "Installing $name $version" >&2
    CARGO_TARGET_DIR="$PWD/target/tools" CARGO_PROFILE_DEV_DEBUG=0 \
        cargo install --locked --debug --version "$version" "$@" "$name"
}
