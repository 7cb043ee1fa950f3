# This Source Code Form is subject to the terms of the Mozilla Public
# License, v. 2.0. If a copy of the MPL was not distributed with this
# file, You can obtain one at https://mozilla.org/MPL/2.0/.

"""System tests: a started server, real clients, HTTP only. No code of the product is imported.

Each runs in both forms: embedded, which is what one gets without any setting, and scaled out, with
PostgreSQL, Redis and S3.
"""

import itertools
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from mypy_boto3_s3 import S3Client
from tests.support import servers
from tests.support.servers import S3, Server
from tests.support.started_nodes import two_nodes
from tests.support.started_server import ServerMaker, StartedServer
from tests.support.started_worker import StartedWorker
from tests.support.stored_objects import S3Objects

# What brings a server into a form before it starts.
Form = Callable[[StartedServer], None]


@pytest.fixture(scope="session", params=["embedded", "scaled out"])
def form(request: pytest.FixtureRequest) -> Form:
    if request.param == "embedded":
        return lambda server: None
    made: Form = request.getfixturevalue("scale_out")
    return made


@pytest.fixture(scope="session")
def scale_out(
    postgres_server: Server,
    make_database: Callable[[], str],
    redis_server: Server,
    redis_store_server: Server,
    s3: S3,
    s3_client: S3Client,
) -> Form:
    """A database, numbers in both Redis and a bucket, which it makes itself, for each server."""
    numbers = itertools.count(1)

    def scale_out(server: StartedServer) -> None:
        number = next(numbers)
        server.settings |= {
            "DATABASE_URL": servers.postgres_url(postgres_server, make_database()),
            "REDIS_URL": servers.redis_url(redis_server, database=number),
            "REDIS_STORE_URL": servers.redis_url(redis_store_server, database=number),
            "DJANGO_SYMBOL_URLS": f"{s3.endpoint}/system-{number}",
            "AWS_ACCESS_KEY_ID": s3.access_key,
            "AWS_SECRET_ACCESS_KEY": s3.secret_key,
        }
        server.s3_objects = S3Objects(s3_client, f"system-{number}")

    return scale_out


@pytest.fixture
def make_server(form: Form, tmp_path: Path) -> Iterator[ServerMaker]:
    """Return a function that starts a server of the test's own; all are ended after the test."""
    started: list[StartedServer] = []

    def make(*options: str, **settings: str) -> StartedServer:
        server = StartedServer(tmp_path / f"data{len(started)}", settings)
        form(server)
        started.append(server)
        server.start(*options)
        return server

    yield make
    for server in started:
        server.stop(signal.SIGKILL)


@pytest.fixture
def nodes(scale_out: Form, tmp_path: Path) -> Iterator[list[StartedServer]]:
    """Two nodes and a worker that share everything but their data folders."""
    with two_nodes(scale_out, tmp_path) as started:
        worker = StartedWorker(started[0])
        try:
            worker.start()
            yield started
        finally:
            worker.stop()


@pytest.fixture(scope="session")
def server(form: Form, tmp_path_factory: pytest.TempPathFactory) -> Iterator[StartedServer]:
    """A server that tests share; they use modules of their own."""
    shared = StartedServer(tmp_path_factory.mktemp("shared") / "data")
    form(shared)
    shared.start()
    yield shared
    log = shared.log()
    shared.stop()
    assert "Traceback" not in log, log


@pytest.fixture(scope="session")
def token(server: StartedServer) -> str:
    """A token that may upload to the shared server."""
    return server.token("upload_symbols")
