# SPDX-License-Identifier: MPL-2.0

"""What is remembered of where keys are in S3. Requests to storage are counted by a proxy."""

import os
from collections.abc import Callable

import pytest
from django.test import Client
from tests.download.conftest import Store
from tests.support.proxy import Fault, HttpProxy
from tests.support.servers import S3

from tecken.core.identifiers import SymbolKey
from tecken.core.locating.events import symbol_stored
from tecken.core.storage.s3_options import S3Options, TimeOuts
from tecken.web.sources import sources, upload_source

pytestmark = pytest.mark.both_forms

DEBUG_ID = "44E4EC8C2F41492B9369D6B9A"  # but for the last eight digits


@pytest.fixture
def path() -> str:
    """A key of the test's own."""
    return f"xul.pdb/{DEBUG_ID}{os.urandom(4).hex().upper()}/xul.sym"


@pytest.fixture
def two_buckets(settings, s3: S3, make_bucket: Callable[..., str], s3_proxy: HttpProxy) -> Store:
    """Two buckets behind the proxy, and try symbols in the second."""
    first, second = make_bucket(), make_bucket()
    settings.S3_OPTIONS = S3Options(s3.access_key, s3.secret_key, lookup=TimeOuts(5, 5))
    settings.SYMBOL_URLS = (f"{s3_proxy.url}/{first}", f"{s3_proxy.url}/{second}")
    settings.UPLOAD_DEFAULT_URL = settings.SYMBOL_URLS[0]
    settings.UPLOAD_TRY_SYMBOLS_URL = f"{s3_proxy.url}/{second}/try"
    return Store(*sources(), upload_source(try_symbols=True))


def put(store: Store, where: str, path: str) -> None:
    """Store a file as an upload does, which tells everyone before it answers."""
    store.put_sym(getattr(store, where), path)
    symbol_stored.publish(SymbolKey.parse(path))


def asked(proxy: HttpProxy, path: str) -> list[str]:
    """Return which buckets were asked for a key since the last time, in the order of their names."""
    found = sorted(
        request.path.split("/")[1]
        for request in proxy.requests
        if request.method == "HEAD" and path in request.path
    )
    proxy.requests.clear()
    return found


def test_where_a_file_is_is_asked_once(
    client: Client, two_buckets: Store, s3_proxy: HttpProxy, path: str
) -> None:
    put(two_buckets, "second", path)
    answers = [client.get(f"/{path}") for _ in range(3)]
    assert {answer.status_code for answer in answers} == {302}
    assert len({answer["Location"].partition("?")[0] for answer in answers}) == 1
    names = [source.bucket.name for source in (two_buckets.first, two_buckets.second)]
    assert asked(s3_proxy, path) == sorted(names)


def test_that_a_file_is_missing_is_asked_once_in_all_buckets_at_the_same_time(
    client: Client, two_buckets: Store, s3_proxy: HttpProxy, path: str
) -> None:
    s3_proxy.add(Fault(delay_seconds=0.2, when=lambda request: path in request.path))
    assert {client.get(f"/{path}").status_code for _ in range(3)} == {404}
    assert s3_proxy.most_at_once() == 2
    assert len(asked(s3_proxy, path)) == 2


@pytest.mark.parametrize("where", ["first", "second", "try_symbols"])
def test_an_upload_to_any_source_ends_what_is_remembered(
    client: Client, two_buckets: Store, path: str, where: str
) -> None:
    assert client.get(f"/try/{path}").status_code == 404
    put(two_buckets, where, path)
    assert client.get(f"/try/{path}").status_code == 302


def test_refresh_asks_and_is_remembered(
    client: Client, two_buckets: Store, s3_proxy: HttpProxy, path: str
) -> None:
    put(two_buckets, "first", path)
    assert client.get(f"/{path}").status_code == 302
    two_buckets.first.bucket.delete(f"v1/{path}")  # by hand: nobody is told
    assert client.get(f"/{path}").status_code == 302
    assert client.get(f"/{path}?_refresh=1").status_code == 404
    s3_proxy.requests.clear()
    assert client.get(f"/{path}").status_code == 404
    assert asked(s3_proxy, path) == []
    two_buckets.put_sym(two_buckets.second, path)
    assert client.get(f"/{path}").status_code == 404
    assert client.head(f"/{path}?_refresh").status_code == 200
    assert client.get(f"/{path}").status_code == 302


def test_trouble_is_not_remembered(
    client: Client, two_buckets: Store, s3_proxy: HttpProxy, path: str
) -> None:
    s3_proxy.add(Fault(status=503, when=lambda request: path in request.path))
    assert client.get(f"/{path}").status_code == 503
    s3_proxy.clear()
    assert client.get(f"/{path}").status_code == 404


def test_it_is_forgotten_in_time(
    client: Client, settings, two_buckets: Store, s3_proxy: HttpProxy, path: str
) -> None:
    settings.SYMBOLDOWNLOAD_EXISTS_TTL_SECONDS = 0
    assert {client.get(f"/{path}").status_code for _ in range(2)} == {404}
    assert len(asked(s3_proxy, path)) == 4
