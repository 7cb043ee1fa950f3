# SPDX-License-Identifier: MPL-2.0

"""System tests: a started server, real clients, HTTP only. No code of the product is imported.

Each runs in both forms: embedded, which is what one gets without any setting, and scaled out, with
PostgreSQL, Redis and S3.
"""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support import servers
from tests.support.forms import Form
from tests.support.servers import Server
from tests.support.started_nodes import two_nodes
from tests.support.started_server import ServerMaker, StartedServer


@pytest.fixture
def own_redis() -> Iterator[Server]:
    """A Redis that the test may stop, pause, fill or wipe."""
    with servers.redis() as server:
        yield server


@pytest.fixture
def make_server(form: Form, tmp_path: Path) -> Iterator[ServerMaker]:
    """Return a function that starts a server of the test's own; all are ended after the test.

    It has one worker process, as most tests see no other.
    """
    started: list[StartedServer] = []

    def make(*options: str, workers: int = 1, **settings: str) -> StartedServer:
        server = StartedServer(tmp_path / f"data{len(started)}", settings, workers=workers)
        form(server)
        started.append(server)
        server.start(*options)
        return server

    yield make
    for server in started:
        server.stop(signal.SIGKILL)


@pytest.fixture
def nodes(scale_out: Form, tmp_path: Path) -> Iterator[list[StartedServer]]:
    """Two nodes that share everything but their data folders; no task has to run."""
    with two_nodes(scale_out, tmp_path) as started:
        yield started


@pytest.fixture(scope="session")
def shared_servers() -> Iterator[dict[Form, StartedServer]]:
    """The started ones by form: what depends on the form itself is made anew whenever that changes."""
    started: dict[Form, StartedServer] = {}
    yield started
    for server in started.values():
        server.stop(signal.SIGKILL)
    logs = "".join(server.log() for server in started.values())
    assert "Traceback" not in logs, logs


@pytest.fixture(scope="session")
def server(
    form: Form,
    shared_servers: dict[Form, StartedServer],
    tmp_path_factory: pytest.TempPathFactory,
) -> StartedServer:
    """A server that tests share; they use modules of their own."""
    if form not in shared_servers:
        shared = shared_servers[form] = StartedServer(tmp_path_factory.mktemp("shared") / "data")
        form(shared)
        shared.start()
    return shared_servers[form]


@pytest.fixture(scope="session")
def token(server: StartedServer) -> str:
    """A token that may upload to the shared server."""
    return server.token("upload_symbols")
