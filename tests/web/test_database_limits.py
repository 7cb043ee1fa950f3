# SPDX-License-Identifier: MPL-2.0

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from tests.support import servers
from tests.support.proxy import Proxy

from tecken.web.database_limits import limited_connections, patience


@pytest.fixture(scope="module")
def postgres() -> Iterator[servers.Server]:
    with servers.postgres() as server:
        yield server


def connect(postgres: servers.Server, port: int | None = None) -> "psycopg.Connection[Any]":
    url = servers.postgres_url(postgres, port=port or postgres.port)
    return limited_connections(0.5).connect(url, autocommit=True)


def test_a_query_that_takes_too_long_closes_the_connection(postgres: servers.Server) -> None:
    with connect(postgres) as connection:
        assert connection.execute("SELECT 1 FROM pg_sleep(0.1)").fetchone() == (1,)
        with pytest.raises(psycopg.OperationalError, match=r"no answer within 0\.5 seconds"):
            connection.execute("SELECT pg_sleep(30)")
        assert connection.closed


def test_a_query_may_take_long_where_that_is_said(postgres: servers.Server) -> None:
    with connect(postgres) as connection:
        with patience():
            assert connection.execute("SELECT 1 FROM pg_sleep(1)").fetchone() == (1,)
        with pytest.raises(psycopg.OperationalError):
            connection.execute("SELECT pg_sleep(30)")


def test_a_database_that_says_nothing_is_not_waited_for(postgres: servers.Server) -> None:
    with Proxy(postgres.port) as proxy, connect(postgres, proxy.port) as connection:
        proxy.pause()
        with pytest.raises(psycopg.OperationalError, match="no answer within"):
            connection.execute("SELECT 1")
        assert connection.closed
