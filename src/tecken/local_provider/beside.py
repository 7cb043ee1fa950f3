# SPDX-License-Identifier: MPL-2.0

"""Runs the provider beside the server, from the first time that somebody wants something of it.

The port is listened on at once, and whoever comes first waits while the process starts. So a server
that nobody signs in to costs no second process.
"""

import json
import logging
import select
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tecken.local_provider.endpoints import HOST, Endpoints

logger = logging.getLogger(__name__)

_USUAL_PORT = 8081
_BACKLOG = 64
_RESTART_SECONDS = 1
_END_SECONDS = 5


class LocalProvider:
    """The process, or where it will be."""

    def __init__(self, listener: socket.socket) -> None:
        self._listener = listener
        self._process: subprocess.Popen[str] | None = None
        self._ended = threading.Event()

    @property
    def port(self) -> int:
        """Where it is listened."""
        port: int = self._listener.getsockname()[1]
        return port

    def run(self, endpoints: Endpoints, data_dir: Path) -> None:
        """Start the process whenever somebody comes and there is none, until ``end``."""
        told = json.dumps(
            {
                "listener": self._listener.fileno(),
                "database": str(data_dir / "local-provider.sqlite3"),
                "client_id": endpoints.client_id,
                "secret": endpoints.secret,
            }
        )
        threading.Thread(target=self._keep_running, args=(told,), daemon=True).start()

    def end(self) -> None:
        """Listen no more, and end the process if there is one."""
        self._ended.set()
        self._listener.close()
        if self._process is not None:
            self._process.terminate()
            self._process.wait(_END_SECONDS)

    def _keep_running(self, told: str) -> None:
        while not self._ended.is_set():
            select.select([self._listener], [], [])
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tecken.local_provider"],
                # It ends when the other end is closed: also when this process is killed.
                stdin=subprocess.PIPE,
                pass_fds=[self._listener.fileno()],
                text=True,
            )
            assert self._process.stdin is not None  # noqa: S101 - it is a pipe
            self._process.stdin.write(f"{told}\n")
            self._process.stdin.flush()
            status = self._process.wait()
            if not self._ended.is_set():
                logger.error("The local provider ended with status %d", status)
                self._turn_away()
                time.sleep(_RESTART_SECONDS)

    def _turn_away(self) -> None:
        """Let nobody wait for a process that cannot be started."""
        while select.select([self._listener], [], [], 0)[0]:
            self._listener.accept()[0].close()


@contextmanager
def local_provider() -> Iterator[LocalProvider]:
    """Listen for a provider on its usual port or, when that is taken, on a free one."""
    with _listen() as listener:
        provider = LocalProvider(listener)
        try:
            yield provider
        finally:
            provider.end()


def _listen() -> socket.socket:
    try:
        return socket.create_server((HOST, _USUAL_PORT), backlog=_BACKLOG)
    except OSError:
        return socket.create_server((HOST, 0), backlog=_BACKLOG)
