# SPDX-License-Identifier: MPL-2.0

"""``/api/source-lines/``: lines out of a source bundle."""

import pytest
from django.test import Client
from tests.download.conftest import Store, store  # noqa: F401 - a fixture
from tests.support.native_files import BUILD_ID, DEBUG_ID
from tests.support.source_bundles import source_bundle

from tecken.core.identifiers import NativeKey
from tecken.core.storage.base import Content

URL = "/api/source-lines/"
TEXT = "".join(f"line {number}\r\n" for number in range(1, 21)).encode() + b"the last"
LONG = b"x" * 600 + b"\n" + b"\xff\n"


@pytest.fixture
def bundle(store: Store) -> None:  # noqa: F811
    sources = {
        "/build/crash.c": TEXT,
        "/build/long.c": LONG,
        "/build/large.c": b"y" * (9 * 1024 * 1024) + b"\nend\n",
    }
    data = source_bundle(sources, debug_id=DEBUG_ID, code_id=BUILD_ID)
    key = store.first.object_key(NativeKey.of_id(BUILD_ID, "sourcebundle"))
    store.first.bucket.put(key, data, Content())


def lines(client: Client, file: str, line: int, some_id: str = BUILD_ID) -> dict:
    asked = {"debug_id": some_id, "file": file, "line": line}
    response = client.get(URL, asked)
    assert response.status_code == 200, response.content
    return response.json()


def test_the_lines_around_one_come_with_their_number(client: Client, bundle: None) -> None:
    answer = lines(client, "/build/./crash.c", 10)
    assert (answer["has_sources"], answer["first"]) == (True, 5)
    assert answer["lines"] == [f"line {number}" for number in range(5, 16)]
    assert lines(client, "/build/crash.c", 2)["first"] == 1
    assert lines(client, "/build/crash.c", 21)["lines"][-1] == "the last"


def test_what_the_bundle_does_not_have_is_nothing(client: Client, bundle: None) -> None:
    nothing = {"has_sources": True, "first": None, "lines": []}
    assert lines(client, "/build/other.c", 1) == nothing
    assert lines(client, "/build/crash.c", 400) == nothing
    assert client.get(URL, {"debug_id": BUILD_ID}).json() == nothing
    assert lines(client, "/build/crash.c", 1, "F" * 33)["has_sources"] is False
    assert lines(client, "/build/crash.c", 1, "no id")["has_sources"] is False


def test_lines_and_files_have_their_bounds(client: Client, bundle: None) -> None:
    answer = lines(client, "/build/long.c", 1)
    assert [len(text) for text in answer["lines"]] == [500, 1]
    assert lines(client, "/build/large.c", 2)["first"] is None
    for line in (0, 10_000_001, "x"):
        asked = {"debug_id": BUILD_ID, "file": "a", "line": line}
        assert list(client.get(URL, asked).json()["errors"]) == ["line"]
