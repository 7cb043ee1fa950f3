# SPDX-License-Identifier: MPL-2.0

"""The command line of a Redis that the settings name: ``python -m tools.redis_cli store``."""

import os
import shlex
import shutil
import sys
from collections.abc import Iterator

from redis import Redis
from redis.exceptions import RedisError

from tecken import settings

URLS = {
    "cache": ("REDIS_URL", settings.REDIS_URL),
    "store": ("REDIS_STORE_URL", settings.REDIS_STORE_URL),
}


def main(which: str, *command: str) -> int:
    """Run the real client where it is installed, else read commands line by line."""
    name, url = URLS[which]
    if not url:
        print(f"{name} is not set: that cache is in the data folder", file=sys.stderr)
        return 1
    program = shutil.which("valkey-cli") or shutil.which("redis-cli")
    if program:
        os.execv(program, [program, "-u", url, *command])  # noqa: S606 - a program, and no shell
    with Redis.from_url(url, protocol=2, decode_responses=True) as redis:
        if command:
            answer(redis, *command)
            return 0
        for line in prompted(f"{which}> "):
            if words := shlex.split(line):
                answer(redis, *words)
    return 0


def answer(redis: Redis, *words: str) -> None:
    """Send a command and print what comes back."""
    try:
        print(redis.execute_command(*words))  # type: ignore[no-untyped-call]  # its types lack it
    except RedisError as error:
        print(f"(error) {error}")


def prompted(prompt: str) -> Iterator[str]:
    """Yield the lines of standard input, until it ends."""
    while True:
        try:
            yield input(prompt if sys.stdin.isatty() else "")
        except EOFError:
            return


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
