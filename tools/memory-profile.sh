#!/usr/bin/env bash
# SPDX-License-Identifier: MPL-2.0

# Serve with one worker under memray until Ctrl-C, then draw what it allocated.

set -euo pipefail

mkdir -p build
rm -f build/memory.bin build/memory.html

.venv/bin/python -m tools.profiled_server "${PORT:-8000}" &
server=$!
trap 'kill $server' INT TERM
echo "Ctrl-C ends it."
wait $server || wait $server || true # the first wait ends with the signal, the second with the server

.venv/bin/memray flamegraph --output build/memory.html build/memory.bin > /dev/null
echo "Wrote build/memory.html"
