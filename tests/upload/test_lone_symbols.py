# SPDX-License-Identifier: MPL-2.0

"""Symbols of a debug file whose executable never came: nobody knows the name, so they are found by the id."""

from pathlib import Path

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests.support.native_files import BUILD_ID, DEBUG_ID, PROGRAM, PROGRAM_DEBUG
from tests.upload.examples import Post, objects, send, symbolicated

from tecken.symbolication import services, underived
from tecken.upload import lone_symbols
from tecken.upload.models import FileUpload

pytestmark = pytest.mark.django_db
NAMELESS = f"{BUILD_ID[2:]}.debug"  # as Debian and Fedora lay them out
KEY = f"{DEBUG_ID}/{DEBUG_ID}/{DEBUG_ID}.sym"
OTHER_ID = "0" * 30 + "AB0"


@pytest.fixture(autouse=True)
def _own_processes(monkeypatch: pytest.MonkeyPatch, bucket: Path) -> None:
    """Have the bucket of this test asked."""
    services.supplier.cache_clear()
    lone_symbols._lone_ids.cache_clear()
    lone_symbols._name_of.cache_clear()
    monkeypatch.setattr(underived, "_none_until", 0.0)


def functions_of(client: Client, name: str, debug_id: str = DEBUG_ID) -> list[str | None]:
    result = symbolicated(client, name, debug_id)
    assert result["found_modules"] == {f"{name}/{debug_id}": "function" in result["stacks"][0][0]}
    return [frame.get("function") for frame in result["stacks"][0]]


def test_its_symbols_are_found_by_any_name_and_its_id(
    post: Post, uploader: str, bucket: Path, client: Client
) -> None:
    assert functions_of(client, "crash") == [None]
    (file,) = [
        f for f in send(post, uploader, {NAMELESS: PROGRAM_DEBUG})["files"] if not f["derived"]
    ]
    assert file["derivation"] == "done"
    assert "are found by the id alone" in file["problem"]
    assert f"v1/{KEY}" in objects(bucket)
    assert functions_of(client, "crash") == ["outer"]
    assert functions_of(client, "crash", DEBUG_ID.lower()) == ["outer"]
    assert functions_of(client, "libother.so") == ["outer"]
    assert functions_of(client, "crash", OTHER_ID) == [None]
    response = client.get(f"/crash/{DEBUG_ID}/crash.sym")
    assert (response.status_code, response["Location"]) == (302, f"/{KEY}")
    assert client.get(f"/{KEY}").status_code == 302
    assert client.get(f"/crash/{OTHER_ID}/crash.sym").status_code == 404


def test_a_debug_file_that_is_named_otherwise_is_found_too(
    post: Post, uploader: str, client: Client
) -> None:
    send(post, uploader, {"crash-1.2-3.fc40.x86_64.debug": PROGRAM_DEBUG})
    assert functions_of(client, "crash") == ["outer"]


def test_an_executable_that_comes_later_tells_the_name(
    post: Post, uploader: str, bucket: Path, client: Client
) -> None:
    send(post, uploader, {NAMELESS: PROGRAM_DEBUG})
    send(post, uploader, {"crash": PROGRAM})
    assert f"v1/crash/{DEBUG_ID}/crash.sym" in objects(bucket)
    original = FileUpload.objects.get(role="debuginfo", derived=False)
    assert (original.debug_file, original.derivation, original.problem) == ("crash", "done", "")
    response = client.get(f"/crash/{DEBUG_ID}/crash.sym")
    assert response["Location"].startswith("/_files/")
    assert functions_of(client, "crash") == ["outer"]


def test_of_several_names_none_is_taken(post: Post, uploader: str, client: Client) -> None:
    send(post, uploader, {"one.debug": PROGRAM_DEBUG})
    send(post, uploader, {f"two/{DEBUG_ID}/two.debug": PROGRAM_DEBUG + b"\0"})
    assert functions_of(client, "one") == functions_of(client, "two") == ["outer"]
    assert functions_of(client, "crash") == [None]


def test_what_was_taken_back_is_not_found(post: Post, uploader: str, client: Client) -> None:
    upload = send(post, uploader, {NAMELESS: PROGRAM_DEBUG})
    assert functions_of(client, "crash") == ["outer"]
    path = f"/api/uploads/upload/{upload['id']}"
    assert client.delete(path, headers={"Auth-Token": uploader}).status_code == 200
    assert functions_of(client, "crash") == [None]
    assert client.get(f"/crash/{DEBUG_ID}/crash.sym").status_code == 404


def test_try_symbols_are_found_by_who_asks_for_them(
    post: Post, try_uploader: str, client: Client
) -> None:
    send(post, try_uploader, {NAMELESS: PROGRAM_DEBUG})
    assert client.get(f"/crash/{DEBUG_ID}/crash.sym").status_code == 404
    response = client.get(f"/try/crash/{DEBUG_ID}/crash.sym")
    assert (response.status_code, response["Location"]) == (302, f"/try/{KEY}")
    assert functions_of(client, "crash") == ["outer"]


def test_an_ordinary_miss_asks_no_database(post: Post, uploader: str, client: Client) -> None:
    send(post, uploader, {NAMELESS: PROGRAM_DEBUG})
    client.get(f"/xul.pdb/{OTHER_ID}/xul.sym")
    for number in range(3):
        with CaptureQueriesContext(connection) as asked:
            path = f"/xul.pdb/{number:032X}1/xul.sym"
            assert client.head(path).status_code == 404
            assert functions_of(client, "xul.pdb", f"{number:032X}2") == [None]
        files = [query["sql"] for query in asked if "upload_fileupload" in query["sql"]]
        assert [sql for sql in files if '"role"' in sql] == []


def test_a_database_that_fails_makes_a_miss_of_it(
    post: Post, uploader: str, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> str:
        raise OperationalError("gone")

    send(post, uploader, {NAMELESS: PROGRAM_DEBUG})
    with monkeypatch.context() as patch:
        patch.setattr(lone_symbols, "_breaker", type(lone_symbols._breaker)())
        patch.setattr(lone_symbols, "_name_of", fail)
        assert functions_of(client, "crash") == [None]
    assert functions_of(client, "crash") == ["outer"]


def test_another_process_knows_at_once(post: Post, uploader: str, client: Client) -> None:
    """This process has looked already, and found nothing; what it knows is outdated by the upload."""
    assert functions_of(client, "crash") == [None]
    ids_of_this_process = lone_symbols._lone_ids()
    send(post, uploader, {NAMELESS: PROGRAM_DEBUG})
    assert lone_symbols._lone_ids() is ids_of_this_process
    assert functions_of(client, "crash") == ["outer"]
