# SPDX-License-Identifier: MPL-2.0

"""Symbols derived from the native files of other symbol servers: real ones, and one that lies."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import caches
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings
from tests.support.microsoft import need_cabextract
from tests.support.native_files import (
    ALTERNATE,
    BUILD_ID,
    DEBUG_ID,
    PROGRAM,
    PROGRAM_DEBUG,
    PROGRAM_SHARED_DEBUG,
)
from tests.support.scripted_server import Answer, ScriptedServer
from tests.support.symbol_servers import cabinet, debuginfod, publish, web_server
from tests.support.windows_files import windows_file

from tecken.core.errors import StorageUnavailableError
from tecken.core.identifiers import SymbolKey
from tecken.core.native.identify import identify_file
from tecken.jobs.models import Task
from tecken.jobs.registry import find_task
from tecken.symbolication import services, underived
from tecken.upload.deriving import turns, upstream_symbols
from tecken.upload.models import FileUpload
from tecken.web import upstreams
from tecken.web.sources import sources

pytestmark = pytest.mark.django_db
CRASH = ["crash", DEBUG_ID, BUILD_ID]
MAIN = 0x114  # in outer()


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, SymbolKey, str]]:
    """What is to be derived."""
    found: list[tuple[str, SymbolKey, str]] = []
    monkeypatch.setattr(upstream_symbols.connections, "close_all", lambda: None)  # the test's own
    monkeypatch.setattr(upstreams, "_derive", [lambda *wanted: found.append(wanted)])
    return found


@pytest.fixture(autouse=True)
def _alone(bucket: Path, tmp_path: Path, settings: Settings, monkeypatch) -> Iterator[None]:
    settings.UPSTREAM_CACHE_URL = (tmp_path / "kept").as_uri()
    monkeypatch.setattr(underived, "_none_until", float("inf"))
    services.supplier.cache_clear()
    caches["default"].clear()
    yield
    services.supplier.cache_clear()


class Asking:
    """Asks for a frame of a module, with one other server behind an empty bucket."""

    def __init__(self, client: Client, settings: Settings, url: str) -> None:
        settings.SYMBOL_URLS = (*settings.SYMBOL_URLS[:1], url)
        self._client = client

    def frame(self, module: list[str], offset: int) -> tuple[dict[str, Any], str]:
        """Return the frame, and what is wrong with its module."""
        job = {"memoryMap": [module], "stacks": [[[0, offset]]]}
        response = self._client.post("/symbolicate/v5", job, "application/json")
        assert response.status_code == 200, response.content
        [result] = response.json()["results"]
        errors = result.get("module_errors", {}).get("/".join(module[:2]), [{"name": ""}])
        return result["stacks"][0][0], errors[0]["name"]


def test_an_elf_file_of_a_debuginfod(
    client: Client, settings: Settings, tmp_path: Path, asked: list[Any]
) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "crash").write_bytes(PROGRAM)
    (folder / "crash.debug").write_bytes(PROGRAM_DEBUG)
    with debuginfod(folder, BUILD_ID) as url:
        asking = Asking(client, settings, f"{url}?layout=debuginfod")
        assert asking.frame(CRASH[:2], MAIN)[1] == "not_found"  # by 16 bytes it cannot be asked for
        assert asked == []
        assert asking.frame(CRASH, MAIN)[1] == "pending"
        key = SymbolKey.of_module(*CRASH[:2])
        assert asked == [(sources()[1].name, key, BUILD_ID.upper())]
        response = client.get(f"/{key}")
        assert response.status_code == 404
        assert asking.frame(CRASH, MAIN)[1] == "pending"
        assert len(asked) == 1
        upstream_symbols.derive(*asked[0])
    for module in (
        CRASH,
        CRASH[:2],
    ):  # also for who does not know the build id, and without the server
        frame, _ = asking.frame(module, MAIN)
        assert (frame["function"], frame["line"]) == ("outer", 3)
    assert client.get(f"/{key}").status_code == 302
    assert not FileUpload.objects.exists()


def test_what_dwz_has_taken_out_is_fetched_too(
    client: Client, settings: Settings, tmp_path: Path, asked: list[Any]
) -> None:
    with ScriptedServer() as server:
        build = f"/buildid/{BUILD_ID}"
        server.routes[f"{build}/debuginfo"] = Answer(body=PROGRAM_SHARED_DEBUG)
        alternate = f"/buildid/{identify_alternate(tmp_path)}/debuginfo"
        server.routes[alternate] = Answer(body=ALTERNATE)
        asking = Asking(client, settings, f"{server.url}?layout=debuginfod")
        assert asking.frame(CRASH, MAIN)[1] == "pending"
        upstream_symbols.derive(*asked[0])
        assert alternate in [received.path for received in server.received]
    assert asking.frame(CRASH, MAIN)[0]["function"] == "outer"


def identify_alternate(folder: Path) -> str:
    path = folder / "shared.debug"
    path.write_bytes(PROGRAM_SHARED_DEBUG)
    return identify_file(path)[0].alternate_id


@pytest.mark.parametrize("packed", [False, True])
def test_files_of_a_store_that_symstore_made(
    client: Client, settings: Settings, tmp_path: Path, asked: list[Any], packed: bool
) -> None:
    need_cabextract()
    store = tmp_path / "store"
    for name in ("sample.pdb", "sample.dll"):
        (tmp_path / name).write_bytes(windows_file(f"x64/{name}"))
    publish(store, tmp_path / "sample.pdb", tmp_path / "sample.dll")
    [pdb] = identify_file(tmp_path / "sample.pdb")
    [dll] = identify_file(tmp_path / "sample.dll")
    if packed:
        for path in list(store.glob("sample.*/*/sample.*")):
            packed_path = path.with_name(f"{path.name[:-1]}_")
            packed_path.write_bytes(cabinet(path.name, path.read_bytes()))
            path.unlink()
    with web_server(store) as url:
        asking = Asking(client, settings, f"{url}?layout=symsrv")
        module = ["sample.pdb", pdb.debug_id, dll.code_id]
        assert asking.frame(module, 0x1010)[1] == "pending"
        key = f"sample.pdb/{pdb.debug_id}/sample.sym"
        assert client.get(f"/{key}").content == b"Symbol Not Found Yet"
        found = client.get("/api/find/", {"key": key}).json()
        assert found["found"] is False
        assert "are being derived" in found["pending"]
        upstream_symbols.derive(*asked[0])
        frame, problem = asking.frame(module, 0x1010)
        assert (problem, "function" in frame) == ("", True)
        served = client.get(client.get(f"/sample.pdb/{pdb.debug_id}/sample.sym")["Location"])
        assert b"STACK CFI" in served.getvalue()  # which only the executable has
        original = client.get(f"/sample.pdb/{pdb.debug_id}/sample.pdb")
        assert original.getvalue() == windows_file("x64/sample.pdb")


def test_a_unified_layout_has_text_or_files(
    client: Client, settings: Settings, asked: list[Any]
) -> None:
    with ScriptedServer() as server:
        debug_id = DEBUG_ID.lower()
        server.routes[f"/u/{BUILD_ID[:2]}/{BUILD_ID[2:]}/debuginfo"] = Answer(body=PROGRAM_DEBUG)
        asking = Asking(client, settings, f"{server.url}/u?layout=unified")
        assert asking.frame(CRASH, MAIN)[1] == "pending"
        text = f"MODULE Linux x86_64 {DEBUG_ID} crash\nFUNC 100 100 0 of_the_text\n".encode()
        server.routes[f"/u/{debug_id[:2]}/{debug_id[2:]}/breakpad"] = Answer(body=text)
        caches["default"].clear()
        assert asking.frame(CRASH, MAIN)[0]["function"] == "of_the_text"


@pytest.mark.parametrize(
    "body",
    [
        PROGRAM_DEBUG.replace(bytes.fromhex(BUILD_ID), bytes(20)),
        PROGRAM_DEBUG[:700],
        b"<html>",
        b"",
    ],
)
def test_another_file_is_not_derived_from(
    client: Client, settings: Settings, asked: list[Any], body: bytes
) -> None:
    with ScriptedServer() as server:
        server.routes[f"/buildid/{BUILD_ID}/debuginfo"] = Answer(body=body)
        asking = Asking(client, settings, f"{server.url}?layout=debuginfod")
        assert asking.frame(CRASH, MAIN)[1] == "pending"
        upstream_symbols.derive(*asked[0])
        assert asking.frame(CRASH, MAIN)[1] == "not_found"
        original = client.get(f"/buildid/{BUILD_ID}/debuginfo")
        assert original.status_code == 404


def test_a_build_id_that_differs_in_its_end_is_another_file(
    client: Client, settings: Settings, asked: list[Any]
) -> None:
    other = BUILD_ID[:32] + "00000000"
    with ScriptedServer() as server:
        server.routes[f"/buildid/{other}/debuginfo"] = Answer(body=PROGRAM_DEBUG)
        asking = Asking(client, settings, f"{server.url}?layout=debuginfod")
        assert asking.frame(["crash", DEBUG_ID, other], MAIN)[1] == "pending"
        upstream_symbols.derive(*asked[0])
        assert asking.frame(["crash", DEBUG_ID, other], MAIN)[1] == "not_found"


def test_a_module_whose_turn_has_not_come_is_derived_later(
    client: Client, settings: Settings, asked: list[Any]
) -> None:
    with ScriptedServer() as server:
        server.routes[f"/buildid/{BUILD_ID}/debuginfo"] = Answer(body=PROGRAM_DEBUG)
        asking = Asking(client, settings, f"{server.url}?layout=debuginfod")
        assert asking.frame(CRASH, MAIN)[1] == "pending"
        before = len(server.received)
        with turns.turn_of([], is_waited_for=False):
            upstream_symbols.derive(*asked[0])
        assert len(server.received) == before  # its files may be large, and would be fetched again
        assert asking.frame(CRASH, MAIN)[1] == "pending"
        [row] = Task.objects.filter(name=upstream_symbols.TASK)
        assert row.run_after > timezone.now()
        # The same is not asked for again while it waits.
        upstream_symbols.derive_later(*asked[0])
        assert Task.objects.filter(name=upstream_symbols.TASK).count() == 1
        find_task(row.name).function(**row.arguments)
    assert asking.frame(CRASH, MAIN)[0]["function"] == "outer"


def test_debuggers_get_the_originals_of_a_debuginfod(client: Client, settings: Settings) -> None:
    with ScriptedServer() as server:
        server.routes[f"/buildid/{BUILD_ID}/debuginfo"] = Answer(body=PROGRAM_DEBUG)
        Asking(client, settings, f"{server.url}?layout=debuginfod")
        for path in (
            f"/buildid/{BUILD_ID}/debuginfo",
            f"/unified/{BUILD_ID[:2]}/{BUILD_ID[2:]}/debuginfo",
        ):
            assert client.get(path).getvalue() == PROGRAM_DEBUG
        paths = [received.path for received in server.received]
        assert paths.count(f"/buildid/{BUILD_ID}/debuginfo") == 1


def test_only_so_many_modules_wait_for_their_turn(
    bucket: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upstream_symbols.connections, "close_all", lambda: None)  # the test's own
    monkeypatch.setattr(upstream_symbols, "_MAX_WAITING", 2)
    keys = [SymbolKey.of_module("crash", f"{number:033X}") for number in range(3)]
    for key in keys[:2] * 2:
        upstream_symbols.derive_later("vendor", key, "")
    with pytest.raises(StorageUnavailableError, match="too many modules"):
        upstream_symbols.derive_later("vendor", keys[2], "")
    upstream_symbols.derive_later("vendor", keys[0], "")
    asked = Task.objects.filter(name=upstream_symbols.TASK)
    assert {task.arguments["key"] for task in asked} == {str(key) for key in keys[:2]}
    assert len(asked) == 2
