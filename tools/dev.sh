#!/usr/bin/env bash
# SPDX-License-Identifier: MPL-2.0

# The server with reload and the Vite server, side by side: one ends, both end.

set -uo pipefail

pids=()
stop() {
    kill "${pids[@]}" 2> /dev/null
    wait
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

.venv/bin/tecken serve --reload &
pids+=($!)
(cd frontend && exec node_modules/.bin/vite --clearScreen false) &
pids+=($!)
wait -n
