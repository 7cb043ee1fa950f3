#!/usr/bin/env bash
# This Source Code Form is subject to the terms of the Mozilla Public
# License, v. 2.0. If a copy of the MPL was not distributed with this
# file, You can obtain one at https://mozilla.org/MPL/2.0/.

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
