# SPDX-License-Identifier: MPL-2.0

"""A symbol file that is missing is looked up at Microsoft's, and then it is there for everybody."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests
from tests.support.forms import EMBEDDED_ONLY
from tests.support.microsoft import (
    CABINET_PATH,
    DEBUG_FILE,
    DEBUG_ID,
    KEY,
    Microsoft,
    need_cabextract,
)
from tests.support.scripted_server import ScriptedServer
from tests.support.started_server import ServerMaker, StartedServer, wait_until
from tests.support.started_worker import background_of

pytestmark = pytest.mark.real_data


@pytest.fixture
def microsoft(real_data: Path, tmp_path: Path) -> Iterator[Microsoft]:
    need_cabextract()
    with ScriptedServer() as server:
        yield Microsoft(server, real_data, tmp_path)


@pytest.fixture
def node(make_server: ServerMaker, microsoft: Microsoft) -> Iterator[StartedServer]:
    """A server, with a worker where it does not run background tasks itself."""
    node = make_server(**microsoft.settings)
    with background_of(node):
        yield node


def get(node: StartedServer, **options: object) -> requests.Response:
    return requests.get(f"{node.url}/{KEY}", timeout=60, **options)


def rows(node: StartedServer) -> list[tuple[object, ...]]:
    return node.rows(
        "SELECT debug_file, debug_id, error, skipped, file_id IS NOT NULL"
        " FROM microsoft_microsoftdownload WHERE completed_at IS NOT NULL"
    )


def test_a_missing_file_is_there_a_moment_later(node: StartedServer, microsoft: Microsoft) -> None:
    microsoft.serve_cabinet()
    with ThreadPoolExecutor(16) as clients:
        first = list(clients.map(lambda _: get(node, allow_redirects=False), range(64)))
    assert {answer.status_code for answer in first} <= {302, 404}
    assert first[0].text == "Symbol Not Found Yet"

    wait_until(lambda: get(node).status_code == 200, "the file is there")
    assert get(node).content == microsoft.text
    wait_until(lambda: rows(node) != [], "the row says so")
    [row] = rows(node)
    assert row[:3] == (DEBUG_FILE, DEBUG_ID, "")
    assert [bool(flag) for flag in row[3:]] == [False, True]
    assert microsoft.asked().count(f"GET {CABINET_PATH}") == 1

    stack = [[0, 0x1000]]
    job = {"memoryMap": [[DEBUG_FILE, DEBUG_ID]], "stacks": [stack]}
    answer = requests.post(f"{node.url}/symbolicate/v5", json=job, timeout=60).json()
    [result] = answer["results"]
    assert result["found_modules"] == {f"{DEBUG_FILE}/{DEBUG_ID}": True}
    assert result["stacks"][0][0]["function"]


def test_what_was_missing_in_symbolication_is_found_once_it_is_there(
    node: StartedServer, microsoft: Microsoft
) -> None:
    job = {"memoryMap": [[DEBUG_FILE, DEBUG_ID]], "stacks": [[[0, 0x1000]]]}

    def found() -> bool:
        answer = requests.post(f"{node.url}/symbolicate/v5", json=job, timeout=60).json()
        return bool(answer["results"][0]["found_modules"][f"{DEBUG_FILE}/{DEBUG_ID}"])

    assert not found()
    microsoft.serve_cabinet()
    get(node)
    wait_until(lambda: rows(node) != [], "the lookup is over")
    assert found()


@EMBEDDED_ONLY
def test_what_microsoft_has_not_stays_missing(node: StartedServer, microsoft: Microsoft) -> None:
    assert get(node).text == "Symbol Not Found Yet"
    wait_until(lambda: rows(node) != [], "the lookup is over")
    [row] = rows(node)
    assert row[2] == f"{microsoft.server.url}{CABINET_PATH} can't be found (404)"
    assert get(node).status_code == 404
    assert node.objects.versions() == {}
    assert node.trouble() == []
