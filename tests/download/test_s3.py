# SPDX-License-Identifier: MPL-2.0

"""Symbols that lie in S3 are handed out by S3 itself."""

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
import requests
from django.test import Client
from tests.download.conftest import TEXT, Store
from tests.support.native_files import BUILD_ID, DEBUG_ID, GUID, PROGRAM_DEBUG, PROGRAM_FULL
from tests.support.proxy import HOST, CountingProxy, Fault, HttpProxy
from tests.support.servers import S3, Server
from tests.support.source_bundles import source_bundle

from tecken.core.concurrency.semaphores import WeightedSemaphore
from tecken.core.errors import NoConnectionError, StorageUnavailableError
from tecken.core.identifiers import NativeKey, SymbolKey
from tecken.core.locating.events import symbol_stored
from tecken.core.storage.base import Content
from tecken.core.storage.s3_options import S3Options, TimeOuts
from tecken.core.storage.sources import Source
from tecken.download import parts_of_files
from tecken.symbolication import services
from tecken.web.caches import RedisRules, redis_cache
from tecken.web.sources import source_pauses, sources, try_source, upload_source

pytestmark = pytest.mark.both_forms

KEY = "a b+c.pdb/44E4EC8C2F41492B9369D6B9A059577C2/a b+c.sym"


@pytest.fixture
def s3_store(settings, s3: S3, make_bucket: Callable[..., str], s3_proxy: HttpProxy) -> Store:
    """A private bucket, then a public one, both behind the proxy."""
    private, public = make_bucket(), make_bucket(public=True)
    patience = TimeOuts(5, 5)
    settings.S3_OPTIONS = S3Options(s3.access_key, s3.secret_key, lookup=patience)
    settings.SYMBOL_URLS = (
        f"{s3_proxy.url}/{private}/prefix",
        f"{s3_proxy.url}/{public}?access=public",
    )
    settings.UPLOAD_DEFAULT_URL = settings.SYMBOL_URLS[1]
    settings.UPLOAD_TRY_SYMBOLS_URL = f"{s3_proxy.url}/{public}/try?access=public"
    return Store(sources()[0], upload_source(try_symbols=False), upload_source(try_symbols=True))


class _CountedTurns(WeightedSemaphore):
    """Notes what was carried."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.weights: list[int] = []

    def carrying(self, weight: int) -> AbstractContextManager[Callable[[int], None]]:
        self.weights.append(weight)
        return super().carrying(weight)


def follow(client: Client, path: str) -> requests.Response:
    redirect = client.get(path)
    assert redirect.status_code == 302
    return requests.get(redirect["Location"], timeout=10)


def test_a_private_bucket_gives_a_signed_url(client: Client, s3_store: Store) -> None:
    s3_store.put_sym(s3_store.first, KEY)
    answer = follow(client, f"/{KEY}")
    assert answer.content == TEXT
    assert "/prefix/v1/" in answer.url
    assert "X-Amz-Signature=" in answer.url


def test_a_public_bucket_gives_a_plain_url(client: Client, s3_store: Store) -> None:
    s3_store.put_sym(s3_store.second, KEY)
    answer = follow(client, f"/{KEY}")
    assert answer.content == TEXT
    assert "?" not in answer.url


def test_no_redirect_is_kept_for_longer_than_its_signature_lives(
    client: Client, s3_store: Store, settings
) -> None:
    settings.DOWNLOAD_CACHE_SECONDS = 86_400
    s3_store.put_sym(s3_store.first, KEY)
    response = client.get(f"/{KEY}")
    assert response["Cache-Control"] == "public, max-age=3300"
    assert "X-Amz-Expires=3600" in response["Location"]
    s3_store.put_sym(s3_store.second, other := KEY.replace("9369", "9370"))
    assert client.get(f"/{other}")["Cache-Control"] == "public, max-age=86400"


def test_the_server_does_not_stand_in_for_s3(client: Client, s3_store: Store) -> None:
    key = s3_store.put_sym(s3_store.first, KEY)
    assert client.get(f"/_files/{s3_store.first.name}/{key}").status_code == 404


def test_try_symbols_are_found_beside_the_others(client: Client, s3_store: Store) -> None:
    s3_store.put_sym(s3_store.try_symbols, KEY)
    assert try_source().prefix == "try/v1"
    assert client.get(f"/{KEY}").status_code == 404
    assert follow(client, f"/try/{KEY}").content == TEXT


def test_trouble_with_s3_is_never_not_found(
    client: Client, s3_store: Store, s3_proxy: HttpProxy
) -> None:
    s3_store.put_sym(s3_store.second, KEY)
    s3_proxy.add(Fault(status=503, when=lambda request: "private" in request.path))
    response = client.get(f"/{KEY}")
    assert response.status_code == 503
    assert "answered 503" in response.json()["error"]
    s3_proxy.clear()
    assert client.get(f"/{KEY}").status_code == 302


def put_native(source: Source, role: str, data: bytes) -> None:
    source.bucket.put(source.object_key(NativeKey.of_id(BUILD_ID, role)), data, Content())


def test_a_debugger_is_sent_to_the_bucket_itself(client: Client, s3_store: Store) -> None:
    put_native(s3_store.first, "debuginfo", PROGRAM_DEBUG)
    answer = follow(client, f"/buildid/{BUILD_ID}/debuginfo")
    assert answer.content == PROGRAM_DEBUG
    assert "X-Amz-Signature=" in answer.url
    told = client.head(f"/buildid/{BUILD_ID}/debuginfo")
    assert told.status_code == 200
    assert told["Content-Length"] == told["X-DEBUGINFOD-SIZE"] == str(len(PROGRAM_DEBUG))
    assert told["ETag"] == answer.headers["ETag"]


def test_parts_of_files_in_s3_are_read_range_by_range(
    client: Client, s3_store: Store, s3_proxy: HttpProxy
) -> None:
    put_native(s3_store.second, "debuginfo", PROGRAM_DEBUG)
    source = b"int a;\n" * 200_000  # a megabyte, which is deflated to little
    bundle = source_bundle({"/src/a.c": source}, debug_id=DEBUG_ID, code_id=BUILD_ID)
    put_native(s3_store.second, "sourcebundle", bundle)
    section = client.get(f"/buildid/{BUILD_ID}/section/.debug_info")
    assert section.status_code == 200
    assert b"".join(section) in PROGRAM_DEBUG
    found = client.get(f"/buildid/{BUILD_ID}/source/src/a.c")
    assert b"".join(found) == source
    read = [sent for sent in s3_proxy.requests if sent.method == "GET"]
    assert all("range" in map(str.lower, sent.headers) for sent in read)


def test_a_part_of_a_file_that_somebody_else_replaced_is_that_of_the_new_one(
    client: Client, s3_store: Store
) -> None:
    put_native(s3_store.first, "debuginfo", PROGRAM_DEBUG)
    url = f"/buildid/{BUILD_ID}/section/.debug_info"
    assert b"".join(client.get(url)) in PROGRAM_DEBUG
    put_native(s3_store.first, "debuginfo", PROGRAM_FULL)
    again = client.get(url)
    assert again.status_code == 200
    assert b"".join(again) in PROGRAM_FULL


def test_a_miss_in_a_dialect_is_remembered_until_something_is_uploaded(
    client: Client, s3_store: Store, s3_proxy: HttpProxy
) -> None:
    urls = [
        f"/buildid/{BUILD_ID}/debuginfo",
        f"/xul.pdb/{GUID.hex.upper()}2/xul.pdb",
        f"/_.debug/elf-buildid-sym-{BUILD_ID}/_.debug",
        f"/unified/{BUILD_ID[:2]}/{BUILD_ID[2:]}/debuginfo",
    ]
    for url in urls:
        assert client.get(url).status_code == 404
    asked = len(s3_proxy.requests)
    for url in urls:
        assert client.get(url).status_code == 404
    assert len(s3_proxy.requests) == asked
    key = NativeKey.of_id(BUILD_ID, "debuginfo")
    put_native(s3_store.second, "debuginfo", PROGRAM_DEBUG)
    symbol_stored.publish(key)
    assert [client.get(url).status_code for url in urls] == [302, 404, 302, 302]


@pytest.mark.parametrize("method", ["upload", "download"])
def test_an_upload_or_a_download_that_works_ends_the_pause_of_symbolication(
    client: Client, s3_store: Store, method: str
) -> None:
    pauses, key = source_pauses(), SymbolKey.parse(KEY)
    [source, _] = sources()
    trouble = NoConnectionError(source.bucket.name, None, "the server cannot be reached")
    with pytest.raises(NoConnectionError), pauses.asking(source, key):
        raise trouble
    with pytest.raises(StorageUnavailableError), pauses.asking(source, key):
        pass
    if method == "upload":
        s3_store.put_sym(s3_store.first, KEY)
    else:
        client.get(f"/{KEY}")
    with pauses.asking(source, key):
        pass


@pytest.mark.django_db
def test_what_nobody_has_is_a_single_question_of_redis(
    client: Client, s3_store: Store, settings, redis_server: Server
) -> None:
    """What is remembered, the symbols that are found by their id alone, and native files beside: all by one."""
    missing = "libfoo.so/44E4EC8C2F41492B9369D6B9A059577C0/libfoo.so.sym"
    with CountingProxy(redis_server.port) as proxy:
        rules = RedisRules(connect_timeout=5, timeout=5, ignore_exceptions=False)
        redis = redis_cache("REDIS_URL", f"redis://{HOST}:{proxy.port}/900", rules)
        settings.CACHES = {**settings.CACHES, "default": redis}
        counts = []
        for _ in range(3):
            before = proxy.round_trips
            assert client.get(f"/{missing}").status_code == 404
            counts.append(proxy.round_trips - before)
        assert counts[1:] == [1, 1]
        s3_store.put_sym(s3_store.first, KEY)
        assert client.get(f"/{KEY}").status_code == 302
        before = proxy.round_trips
        assert client.get(f"/{KEY}").status_code == 302
        assert proxy.round_trips == before + 1


@pytest.mark.django_db
def test_modules_that_nobody_has_are_a_single_question_of_redis(
    client: Client, s3_store: Store, settings, redis_server: Server
) -> None:
    modules = [["libfoo.so", f"{number:032X}0"] for number in range(1, 40)]
    job = {"memoryMap": modules, "stacks": [[[number, 1] for number in range(len(modules))]]}
    with CountingProxy(redis_server.port) as proxy:
        rules = RedisRules(connect_timeout=5, timeout=5, ignore_exceptions=False)
        redis = redis_cache("REDIS_URL", f"redis://{HOST}:{proxy.port}/901", rules)
        settings.CACHES = {**settings.CACHES, "default": redis}
        services.supplier.cache_clear()
        counts = []
        for _ in range(3):
            before = proxy.round_trips
            answer = client.post("/symbolicate/v5", json.dumps(job), "application/json")
            assert not any(answer.json()["results"][0]["found_modules"].values())
            counts.append(proxy.round_trips - before)
        services.supplier.cache_clear()
    assert counts[1:] == [1, 1]


def test_few_threads_look_for_parts_of_files_in_a_bucket_that_is_slow(
    client: Client, s3_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = NativeKey.of_id(BUILD_ID, "debuginfo")
    s3_store.first.bucket.put(s3_store.first.object_key(key), PROGRAM_DEBUG, Content())
    url = f"/buildid/{BUILD_ID}/section/.debug_info"
    turns = WeightedSemaphore(2, 0.1, "too many read parts of its files at this moment")
    monkeypatch.setattr(parts_of_files, "_far_turns", turns)
    assert b"".join(client.get(url))
    with turns.carrying(1), turns.carrying(1):
        response = client.get(url)
    assert response.status_code == 503
    assert "too many read parts" in response.json()["error"]
    assert response["Retry-After"]
    assert b"".join(client.get(url))


def test_lines_of_sources_are_read_in_turn_as_well(
    client: Client, s3_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = NativeKey.of_id(BUILD_ID, "sourcebundle")
    data = source_bundle({"/a.c": b"one\ntwo\n"}, debug_id=DEBUG_ID, code_id=BUILD_ID)
    s3_store.first.bucket.put(s3_store.first.object_key(key), data, Content())
    asked = {"debug_id": BUILD_ID, "file": "/a.c", "line": 1}
    turns = _CountedTurns(1, 0.1, "too many read parts of its files at this moment")
    monkeypatch.setattr(parts_of_files, "_far_turns", turns)
    for _ in range(2):  # each turn was given back
        assert client.get("/api/source-lines/", asked).json()["lines"] == ["one", "two"]
    assert turns.weights == [1, 1, 1, 1]  # where it lies, and what it says
