# This Source Code Form is subject to the terms of the Mozilla Public
# License, v. 2.0. If a copy of the MPL was not distributed with this
# file, You can obtain one at https://mozilla.org/MPL/2.0/.

"""System tests: a started server, real clients, HTTP only. No code of the product is imported."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.started_server import ServerMaker, StartedServer


@pytest.fixture
def make_server(tmp_path: Path) -> Iterator[ServerMaker]:
    """Return a function that starts a server of the test's own; all are ended after the test."""
    servers: list[StartedServer] = []

    def make(*options: str, **settings: str) -> StartedServer:
        server = StartedServer(tmp_path / f"data{len(servers)}", settings)
        servers.append(server)
        server.start(*options)
        return server

    yield make
    for server in servers:
        server.stop(signal.SIGKILL)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StartedServer]:
    """A server that tests share; they use modules of their own."""
    shared = StartedServer(tmp_path_factory.mktemp("shared") / "data")
    shared.start()
    yield shared
    log = shared.log()
    shared.stop()
    assert "Traceback" not in log, log


@pytest.fixture(scope="session")
def token(server: StartedServer) -> str:
    """A token that may upload to the shared server."""
    return server.token("upload_symbols")
