# SPDX-License-Identifier: MPL-2.0

"""``tecken`` as a client of a started server, for tests that do something while it runs."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO

from tests.support.started_server import Process, StartedServer

_SECONDS = 120


@dataclass
class StartedClient:
    """A command that runs."""

    process: Process
    out: IO[bytes]
    err: IO[bytes]

    def end(self) -> tuple[int, str, str]:
        """Wait until it has ended; return its status, what it printed, and what it said of errors."""
        status = self.process.wait(_SECONDS)
        self.out.seek(0), self.err.seek(0)
        return status, self.out.read().decode(), self.err.read().decode()


@contextmanager
def client_of(server: StartedServer, *arguments: str, **variables: str) -> Iterator[StartedClient]:
    """Start a command; it is killed if it still runs when the block ends."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        variables = {"TECKEN_URL": server.url, **variables}
        process = server.run(*arguments, stdout=out, stderr=err, **variables)
        try:
            yield StartedClient(process, out, err)
        finally:
            process.kill()
            process.wait(_SECONDS)
