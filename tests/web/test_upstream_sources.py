# SPDX-License-Identifier: MPL-2.0

"""Other symbol servers in the list of sources: downloads and symbolication ask them for what nobody else has."""

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import caches
from django.test import Client
from tests.support.scripted_server import Answer, ScriptedServer
from tests.support.started_server import wait_until
from tests.support.symbol_texts import HELLO_ID, hello

from tecken.core.concurrency.file_lock import file_lock
from tecken.core.identifiers import SymbolKey
from tecken.core.storage.base import Content
from tecken.download.live import source_states
from tecken.env import SettingError
from tecken.symbolication import services, underived
from tecken.web.shown_settings import masked
from tecken.web.sources import all_sources, prepare_sources, sources, try_source, writers_of
from tecken.web.upstreams import cache_source, sweep_fetches

KEY = f"hello.pdb/{HELLO_ID}/hello.sym"
JOB = {"memoryMap": [["hello.pdb", HELLO_ID]], "stacks": [[[0, 0x1004]]]}


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with ScriptedServer() as started:
        yield started


@pytest.fixture(autouse=True)
def _list(settings, server: ScriptedServer, tmp_path: Path, monkeypatch) -> Iterator[None]:
    (tmp_path / "bucket").mkdir()
    bucket = (tmp_path / "bucket").as_uri()
    settings.SYMBOL_URLS = (bucket, f"{server.url}?layout=breakpad")
    settings.UPLOAD_DEFAULT_URL = bucket
    settings.UPLOAD_TRY_SYMBOLS_URL = f"{bucket}?prefix=try"
    settings.UPSTREAM_CACHE_URL = (tmp_path / "kept").as_uri()
    monkeypatch.setattr(underived, "_none_until", float("inf"))
    services.supplier.cache_clear()
    caches["default"].clear()
    yield
    services.supplier.cache_clear()


def symbolicate(client: Client, job: dict[str, Any]) -> dict[str, Any]:
    response = client.post("/symbolicate/v5", job, "application/json")
    assert response.status_code == 200, response.content
    [result] = response.json()["results"]
    return result


@pytest.mark.django_db
def test_a_download_that_no_bucket_has_comes_from_the_other_server(
    client: Client, server: ScriptedServer
) -> None:
    server.routes[f"/{KEY}"] = Answer(body=hello().encode())
    for _ in range(2):
        response = client.get(f"/{KEY}")
        assert response.status_code == 302
        served = client.get(response["Location"])
        assert served.getvalue().decode() == hello()
        assert client.head(f"/{KEY}").status_code == 200
    assert len(server.received) == 1


@pytest.mark.django_db
def test_what_nobody_has_is_missing_and_asked_for_once(
    client: Client, server: ScriptedServer
) -> None:
    for _ in range(3):
        assert client.get(f"/{KEY}").content == b"Symbol Not Found"
    assert symbolicate(client, JOB)["found_modules"] == {f"hello.pdb/{HELLO_ID}": False}
    assert len(server.received) == 1
    server.routes[f"/{KEY}"] = Answer(body=hello().encode())
    assert client.get(f"/{KEY}?_refresh").status_code == 302


@pytest.mark.django_db
def test_stacks_are_named_by_symbols_of_the_other_server(
    client: Client, server: ScriptedServer
) -> None:
    server.routes[f"/{KEY}"] = Answer(body=hello().encode())
    for _ in range(2):
        [[frame]] = symbolicate(client, JOB)["stacks"]
        assert (frame["function"], frame["line"]) == ("main", 10)
    assert len(server.received) == 1


@pytest.mark.django_db
def test_trouble_is_503_and_names_the_source(client: Client, server: ScriptedServer) -> None:
    server.routes[f"/{KEY}"] = Answer(502)
    named = f"127.0.0.1:{server.port}"
    response = client.get(f"/{KEY}")
    assert (response.status_code, named in response.json()["error"]) == (503, True)
    response = client.post("/symbolicate/v5", JOB, "application/json")
    assert response.status_code == 503
    assert named in response.json()["module_errors"][f"hello.pdb/{HELLO_ID}"][0]["message"]
    assert len(server.received) == 1


@pytest.mark.django_db
def test_a_bucket_of_ours_is_enough(client: Client, server: ScriptedServer) -> None:
    server.routes[f"/{KEY}"] = Answer(502)
    for source in (sources()[0], try_source()):
        object_key = source.object_key(SymbolKey.parse(KEY))
        source.bucket.put(object_key, hello().encode(), Content())
        assert client.get(f"/{KEY}?try&_refresh").status_code == 302
        assert symbolicate(client, JOB)["stacks"][0][0]["function"] == "main"
        source.bucket.delete(object_key)
    assert server.received == []


def test_try_symbols_are_asked_for_before_the_servers_at_the_end(settings, tmp_path: Path) -> None:
    bucket, server = settings.SYMBOL_URLS
    assert [source.url for source in all_sources()] == [bucket, try_source().url, server]
    (tmp_path / "last").mkdir()
    settings.SYMBOL_URLS = (server, bucket)
    assert [source.url for source in all_sources()] == [server, bucket, try_source().url]


def test_nothing_is_written_to_another_server() -> None:
    assert list(writers_of(all_sources())) == [sources()[0].name, try_source().name]


@pytest.mark.django_db
def test_the_cache_keeps_to_its_bound(client: Client, server: ScriptedServer, settings) -> None:
    settings.UPSTREAM_CACHE_MAX_BYTES = 2_000
    own = cache_source().bucket
    own.put("v1/own.pdb/A1/own.sym", b"of another", Content("text/plain"))
    ids = [f"{number:032X}1" for number in range(8)]
    for debug_id in ids:
        path = f"/hello.pdb/{debug_id}/hello.sym"
        server.routes[path] = Answer(body=hello(debug_id=debug_id).encode())
        assert client.get(path).status_code == 302
    # A thread removes what is too much, and nobody waits for it.
    bucket = sources()[1].bucket
    wait_until(lambda: sum(each.size for each in bucket.list("")) <= 2_000, "there is room")
    kept = [listed.size for listed in sources()[1].bucket.list("")]
    assert 0 < sum(kept) <= 2_000
    server.received.clear()
    assert own.head("v1/own.pdb/A1/own.sym").size == 10
    newest = client.get(client.get(f"/hello.pdb/{ids[-1]}/hello.sym")["Location"])
    assert newest.getvalue().decode() == hello(debug_id=ids[-1])
    assert server.received == []
    assert client.get(f"/hello.pdb/{ids[0]}/hello.sym").status_code == 302
    assert len(server.received) == 1


@pytest.mark.django_db
def test_who_finds_another_process_at_the_cache_looks_after_it(
    client: Client, server: ScriptedServer, settings
) -> None:
    settings.UPSTREAM_CACHE_MAX_BYTES = 2_000
    bucket = sources()[1].bucket

    def kept() -> int:
        return sum(each.size for each in bucket.list(""))

    with file_lock(settings.DATA_DIR / "cache" / "upstreams" / "eviction.lock") as other_looks:
        assert other_looks
        for number in range(8):
            path = f"/hello.pdb/{number:032X}1/hello.sym"
            server.routes[path] = Answer(body=hello(debug_id=f"{number:032X}1").encode())
            assert client.get(path).status_code == 302
        time.sleep(0.2)  # it would have given up by then
        assert kept() > 2_000
    wait_until(lambda: kept() <= 2_000, "there is room")


def test_a_url_that_cannot_be_used_stops_the_start(settings) -> None:
    settings.SYMBOL_URLS = (*settings.SYMBOL_URLS, "https://example.com?layout=ftp")
    with pytest.raises(SettingError, match="layout that is none of"):
        prepare_sources()


@pytest.mark.django_db
def test_the_heartbeat_warns_of_a_server_that_is_down(
    client: Client, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = f"source {sources()[1].name}"
    for _ in range(3):
        assert client.get("/__heartbeat__").json()["checks"][name] == "ok"
    assert len(server.received) == 1
    server.routes["/"] = Answer(503)
    monkeypatch.setattr(sources()[1].upstream.server, "_check_again", 0)
    answer = client.get("/__heartbeat__")
    assert (answer.status_code, answer.json()["checks"][name]) == (200, "warning")


@pytest.mark.django_db
def test_who_looks_at_a_file_fetches_nothing(client: Client, server: ScriptedServer) -> None:
    server.routes[f"/{KEY}"] = Answer(body=hello().encode())
    states = list(source_states(SymbolKey.parse(KEY)))
    assert [state.found for state in states] == [False, False, False]
    assert server.received == []
    client.get(f"/{KEY}")
    assert [state.found for state in source_states(SymbolKey.parse(KEY))] == [False, False, True]


def test_what_killed_fetches_left_is_swept(settings, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path
    old, new = (tmp_path / "tmp" / "upstreams" / f"fetch-{name}" for name in ("old", "new"))
    for folder in (old, new):
        folder.mkdir(parents=True)
        (folder / "file").write_bytes(b"MODULE")
    os.utime(old, (1, 1))
    # As one whose process removes it at this moment.
    (old.parent / "fetch-gone").symlink_to(tmp_path / "nowhere")
    assert (sweep_fetches(dry_run=True), old.exists()) == (1, True)
    assert (sweep_fetches(), old.exists(), new.exists()) == (1, False, True)


def test_settings_are_shown_without_what_is_secret() -> None:
    url = "https://symbols.example.com/x?layout=symsrv&credentials=VENDOR&rate=5"
    assert masked("DJANGO_SYMBOL_URLS", f"file:///b,{url}") == f"file:///b,{url}"
    assert "secret" not in masked("DJANGO_UPSTREAM_CREDENTIALS_VENDOR", "Bearer secret")
    refused = "file:///b/t/b,https://example.com/x/t/secret/y?layout=breakpad"
    shown = "file:///b/t/b,https://example.com/x/t/***/y?layout=breakpad"
    assert masked("DJANGO_SYMBOL_URLS", refused) == shown
