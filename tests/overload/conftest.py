# SPDX-License-Identifier: MPL-2.0

"""Started servers that hostile clients go for, in the embedded form; each test bounds its own time."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.started_server import ServerMaker, StartedServer


@pytest.fixture
def make_server(tmp_path: Path) -> Iterator[ServerMaker]:
    """Return a function that starts a server of the test's own; all are ended after the test."""
    started: list[StartedServer] = []

    def make(*options: str, **settings: str) -> StartedServer:
        quiet = {"DJANGO_LOCAL_PROVIDER": "false"}  # all of its processes are workers then
        server = StartedServer(tmp_path / f"data{len(started)}", {**quiet, **settings})
        started.append(server)
        server.begin(*options)
        return server

    yield make
    for server in started:
        server.stop(signal.SIGKILL)
