# SPDX-License-Identifier: MPL-2.0

"""The scaled-out form on one machine: PostgreSQL, Redis twice, S3, the server and a worker.

Prints every address, and what another terminal needs so that commands there speak to the same
services. When one part ends, all end; what was stored in the services goes with them.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.support import servers

TECKEN = Path(sys.executable).parent / "tecken"
DRAIN_SECONDS = 90


def main() -> int:
    """Run until something ends or somebody ends it."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with ExitStack() as running:
        variables = start_services(running)
        for name, value in variables.items():
            print(f"export {name}={value}")
        sys.stdout.flush()
        environment = {**os.environ, **variables}
        processes = [
            running.enter_context(started(environment, "serve", *sys.argv[1:])),
            running.enter_context(started(environment, "worker")),
        ]
        try:
            while all(process.poll() is None for process in processes):
                time.sleep(0.2)
        except KeyboardInterrupt:
            return 130
    return 1


def start_services(running: ExitStack) -> Mapping[str, str]:
    """Start the services; return the variables that lead to them."""
    database = running.enter_context(servers.postgres())
    cache = running.enter_context(servers.redis())
    evicting = ("--maxmemory", "256mb", "--maxmemory-policy", "allkeys-lru")
    store = running.enter_context(servers.redis(*evicting))
    s3 = running.enter_context(servers.s3())
    return {
        "TECKEN_DATA_DIR": str(Path("build/services").resolve()),
        "DATABASE_URL": servers.postgres_url(database),
        "REDIS_URL": servers.redis_url(cache),
        "REDIS_STORE_URL": servers.redis_url(store),
        "DJANGO_SYMBOL_URLS": f"{s3.endpoint}/symbols",
        "DJANGO_UPLOAD_DEFAULT_URL": f"{s3.endpoint}/symbols",
        "DJANGO_CREATE_BUCKETS": "True",
        "AWS_ACCESS_KEY_ID": s3.access_key,
        "AWS_SECRET_ACCESS_KEY": s3.secret_key,
    }


@contextmanager
def started(environment: Mapping[str, str], *arguments: str) -> Iterator["subprocess.Popen[bytes]"]:
    """Start a command of ours; when the block ends it is told to end too, and waited for."""
    process = subprocess.Popen([TECKEN, *arguments], env=environment)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(DRAIN_SECONDS)


if __name__ == "__main__":
    sys.exit(main())
