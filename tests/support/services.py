# SPDX-License-Identifier: MPL-2.0

"""Fixtures of real servers: each is started when a test first asks for it, once per test process.

Tests share a server and part its data: a bucket, a database, flushed Redis. Tests that stop or
pause a server take one of their own, from ``servers.py``.
"""

import itertools
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import boto3
import psycopg
import pytest
from botocore.config import Config
from mypy_boto3_s3 import S3Client
from tests.support import servers
from tests.support.proxy import HttpProxy, Proxy
from tests.support.servers import S3, Server
from tests.support.templates import MIGRATED, postgres_template

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Server]:
    """The server itself."""
    with servers.postgres(data=postgres_template().data) as server:
        yield server


def _create_database(server: Server, template: str = "template1") -> str:
    name = f"tecken{next(_numbers)}"
    with psycopg.connect(servers.postgres_url(server), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}".encode())
    return name


@pytest.fixture(scope="session")
def make_database(postgres_server: Server) -> Callable[[], str]:
    """Return a function that makes an empty database, and returns its URL."""
    return lambda: servers.postgres_url(postgres_server, _create_database(postgres_server))


@pytest.fixture
def postgres_url(make_database: Callable[[], str]) -> str:
    """The URL of an empty database of the test's own."""
    return make_database()


@pytest.fixture(scope="session")
def make_migrated_database(postgres_server: Server) -> Callable[[], str]:
    """Return a function that makes a database as a first start leaves it, and returns its URL."""
    return lambda: servers.postgres_url(
        postgres_server, _create_database(postgres_server, MIGRATED)
    )


@pytest.fixture(scope="session")
def _stoppable_postgres() -> Iterator[Server]:
    with servers.postgres(data=postgres_template().data) as server:
        yield server


@pytest.fixture
def stoppable_postgres(_stoppable_postgres: Server) -> Iterator[tuple[Server, str]]:
    """A PostgreSQL that a test may stop, and the name of a migrated database of the test's own."""
    server = _stoppable_postgres
    yield server, _create_database(server, MIGRATED)
    if server.process is None:
        server.start()


@pytest.fixture
def migrated_postgres_url(make_migrated_database: Callable[[], str]) -> str:
    """The URL of a database of the test's own, as a first start leaves it."""
    return make_migrated_database()


@pytest.fixture(scope="session")
def redis_server() -> Iterator[Server]:
    """Redis as the default cache and the broker."""
    with servers.redis() as server:
        yield server


@pytest.fixture(scope="session")
def redis_url(redis_server: Server) -> str:
    """The URL of the default cache and the broker."""
    return servers.redis_url(redis_server)


@pytest.fixture(scope="session")
def redis_store_server() -> Iterator[Server]:
    """Redis as the store of symbolication, with an evicting policy."""
    with servers.redis("--maxmemory", "64mb", "--maxmemory-policy", "allkeys-lru") as server:
        yield server


@pytest.fixture(scope="session")
def redis_store_url(redis_store_server: Server) -> str:
    """The URL of the store of symbolication."""
    return servers.redis_url(redis_store_server)


@pytest.fixture(scope="session")
def s3() -> Iterator[S3]:
    """An S3 server: endpoint and keys."""
    with servers.s3() as server:
        yield server


@pytest.fixture(scope="session")
def s3_client(s3: S3) -> S3Client:
    """A client that may do all, to look behind the product."""
    return boto3.client(
        "s3",
        endpoint_url=s3.endpoint,
        aws_access_key_id=s3.access_key,
        aws_secret_access_key=s3.secret_key,
        region_name="us-east-1",
        config=Config(s3={"addressing_style": "path"}),
    )


@pytest.fixture(scope="session")
def make_bucket(s3_client: S3Client) -> Callable[..., str]:
    """Return a function that makes a bucket and returns its name; anyone may read a public one."""

    def make(*, public: bool = False) -> str:
        name = f"{'public' if public else 'private'}-{next(_numbers)}"
        s3_client.create_bucket(Bucket=name)
        return name

    return make


@pytest.fixture
def make_proxy() -> Iterator[Callable[[int], Proxy]]:
    """Return a function that puts a TCP proxy, which can misbehave, in front of a port."""
    with ExitStack() as opened:
        yield lambda port: opened.enter_context(Proxy(port))


@pytest.fixture
def make_http_proxy() -> Iterator[Callable[[int], HttpProxy]]:
    """Return a function that puts an HTTP proxy, which can misbehave, in front of a port."""
    with ExitStack() as opened:
        yield lambda port: opened.enter_context(HttpProxy(port))


@pytest.fixture
def s3_proxy(s3: S3, make_http_proxy: Callable[[int], HttpProxy]) -> HttpProxy:
    """A proxy of the test's own in front of the S3 server."""
    return make_http_proxy(s3.server.port)
