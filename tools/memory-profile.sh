#!/usr/bin/env bash
# This Source Code Form is subject to the terms of the Mozilla Public
# License, v. 2.0. If a copy of the MPL was not distributed with this
# file, You can obtain one at https://mozilla.org/MPL/2.0/.

# Serve with one worker under memray until Ctrl-C, then draw what it allocated.

set -euo pipefail

mkdir -p build
rm -f build/memory.bin build/memory.html
.venv/bin/tecken manage migrate --verbosity 0

PYTHONPATH=tools .venv/bin/granian --interface wsgi --workers 1 --blocking-threads 8 \
    --host 127.0.0.1 --port "${PORT:-8000}" profiled_wsgi:application &
server=$!
trap 'kill $server' INT TERM
echo "Serving on http://localhost:${PORT:-8000}; Ctrl-C ends it."
wait $server || wait $server || true # the first wait ends with the signal, the second with the server

.venv/bin/memray flamegraph --output build/memory.html build/memory.bin > /dev/null
echo "Wrote build/memory.html"
