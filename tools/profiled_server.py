# SPDX-License-Identifier: MPL-2.0

"""The server with one worker under memray: what that allocates goes to ``build/memory.bin``."""

import socket
import sys

import memray

from tecken.commands.django import migrate, setup_django
from tecken.commands.serve import bind, run_worker, run_workers


def run_profiled(listener: socket.socket, channel: socket.socket) -> None:
    """Be the worker."""
    with memray.Tracker("build/memory.bin"):
        run_worker(listener, channel)


if __name__ == "__main__":
    setup_django()
    migrate()
    run_workers(bind("127.0.0.1", int(sys.argv[1])), 1, run_profiled)
