#!/usr/bin/env bash
# SPDX-License-Identifier: MPL-2.0

# Say in one line what this machine lacks:  check-machine.sh python PYTHON | node | chromium

set -euo pipefail

fail() {
    echo "$1" >&2
    exit 1
}

check_python() {
    command -v "$1" > /dev/null ||
        fail "Python 3.11 or newer is needed, and there is no '$1'. Debian: apt install python3-venv"
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
        fail "Python 3.11 or newer is needed; $("$1" --version) is too old. Name another: make PYTHON=python3.13 …"
    "$1" -c 'import ensurepip, venv' 2> /dev/null ||
        fail "The venv module of $("$1" --version) is missing. Debian: apt install python3-venv"
}

check_node() {
    command -v node > /dev/null && command -v npm > /dev/null ||
        fail "Node 20.19 or newer with npm is needed (https://nodejs.org). Debian: apt install nodejs npm"
    node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)' ||
        fail "Node 20.19 or newer is needed; this is $(node --version)."
}

# Only the browser tests need it, so that its lack stops nothing.
check_chromium() {
    local name
    for name in "${CHROMIUM_PATH:-chromium}" chromium-headless-shell chromium-browser google-chrome google-chrome-stable; do
        command -v "$name" > /dev/null && return
    done
    echo "The browser tests need Chromium, which is missing. Debian: apt install chromium" >&2
}

case "$1" in
    python) check_python "$2" ;;
    node) check_node ;;
    chromium) check_chromium ;;
esac
