# SPDX-License-Identifier: MPL-2.0

"""What stands before a program with limits: ``limited.py PARENT MEMORY_BYTES SECONDS PROGRAM ARGUMENT…``.

It sets the limits for itself and becomes the program. It is run alone, without the rest of this package, in a
tenth of the time.
"""

import ctypes
import os
import resource
import signal
import sys
from contextlib import suppress
from typing import Final

NOT_RUN: Final = 126  # as shells say it
_NICENESS = 10
_PR_SET_PDEATHSIG = 1  # prctl(2)


def main(parent: int, memory_bytes: int, seconds: int, command: list[str]) -> None:
    """Become a program that has so much address space and processor time, and ends with its parent."""
    _end_with(parent)
    _limit(resource.RLIMIT_AS, memory_bytes)
    _limit(resource.RLIMIT_CPU, seconds)
    _limit(resource.RLIMIT_CORE, 0)  # it would have what the program was given
    _limit(resource.RLIMIT_FSIZE, 0)
    with suppress(OSError):
        os.nice(_NICENESS)
    try:
        os.execv(command[0], command)  # noqa: S606 - no shell is wanted
    except OSError as error:
        print(f"cannot be started: {error.strerror}", file=sys.stderr)  # noqa: T201 - who started it reads it
        sys.exit(NOT_RUN)


def _end_with(parent: int) -> None:
    with suppress(AttributeError):  # another system than Linux
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it has ended before that
        sys.exit(NOT_RUN)


def _limit(kind: int, most: int) -> None:
    hard = resource.getrlimit(kind)[1]
    least = most if hard == resource.RLIM_INFINITY else min(most, hard)
    with suppress(ValueError, OSError):  # a system that does not have this limit
        resource.setrlimit(kind, (least, least))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4:])
