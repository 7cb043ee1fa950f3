# SPDX-License-Identifier: MPL-2.0

"""The two forms of a started server: embedded, which needs nothing, and scaled out."""

import itertools
from collections.abc import Callable

import pytest
from mypy_boto3_s3 import S3Client
from tests.support import servers
from tests.support.servers import S3, Server
from tests.support.started_server import StartedServer
from tests.support.stored_objects import S3Objects
from tests.support.templates import postgres_template

# What brings a server into a form before it starts.
Form = Callable[[StartedServer], None]

# For tests of what cannot differ between the forms, as the looks of a page.
EMBEDDED_ONLY = pytest.mark.parametrize("form", ["embedded"], indirect=True)


@pytest.fixture(scope="session", params=["embedded", "scaled out"])
def form(request: pytest.FixtureRequest) -> Form:
    if request.param == "embedded":
        return StartedServer.give_database
    made: Form = request.getfixturevalue("scale_out")
    return made


@pytest.fixture(scope="session")
def scale_out(
    make_migrated_database: Callable[[], str],
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
            "DATABASE_URL": make_migrated_database(),
            "REDIS_URL": servers.redis_url(redis_server, database=number),
            "REDIS_STORE_URL": servers.redis_url(redis_store_server, database=number),
            "DJANGO_SYMBOL_URLS": f"{s3.endpoint}/system-{number}",
            "AWS_ACCESS_KEY_ID": s3.access_key,
            "AWS_SECRET_ACCESS_KEY": s3.secret_key,
        }
        server.ready_token = postgres_template().token
        server.s3_objects = S3Objects(s3_client, f"system-{number}")

    return scale_out
