# SPDX-License-Identifier: MPL-2.0

"""A server that dies in the middle of an upload, and comes back."""

import functools
import gzip
import signal
import threading
from collections.abc import Iterable
from pathlib import Path

import requests
from tests.support.started_server import ServerMaker, StartedServer, wait_until
from tests.support.symbol_texts import large, write_zip


@functools.cache
def members() -> dict[str, str]:
    return dict(large(number, 2_000) for number in range(20))


def test_a_server_killed_in_an_upload_loses_nothing_that_was_finished(
    make_server: ServerMaker, tmp_path: Path
) -> None:
    archive = write_zip(tmp_path / "symbols.zip", members())
    server = make_server()
    token = server.token("upload_symbols")
    kill_in_an_upload(server, archive, token)

    [(completed_at,)] = server.rows("SELECT completed_at FROM upload_upload")
    finished = server.objects.versions()
    assert completed_at is None
    assert 0 < len(finished) < len(members())
    assert texts_of(server, finished) == {
        key: members()[key] for key in map(without_prefix, finished)
    }

    server.start()
    answer = server.upload(archive, token)
    upload = answer.json()["upload"]

    assert answer.status_code == 201, answer.text
    assert set(upload["skipped_keys"]) == {without_prefix(key) for key in finished}
    assert {file["key"] for file in upload["files"]} == {
        f"v1/{key}" for key in members()
    } - finished.keys()
    stored = server.objects.versions()
    assert finished.items() <= stored.items()
    assert texts_of(server, stored) == members()
    assert_all_symbolicate(server)


def kill_in_an_upload(server: StartedServer, archive: Path, token: str) -> None:
    """Kill all processes of the server when a few files are stored and most are not."""

    def send() -> None:
        try:
            server.upload(archive, token)
        except requests.RequestException:
            pass  # the server is gone, which is the point

    client = threading.Thread(target=send)
    client.start()
    wait_until(lambda: len(server.objects.versions()) >= 3, "three files were stored")
    server.stop(signal.SIGKILL)
    client.join()


def assert_all_symbolicate(server: StartedServer) -> None:
    """Every file answers from its index: no file had to be streamed."""
    modules = [key.split("/")[:2] for key in members()]
    request = {"memoryMap": modules, "stacks": [[[n, 0x1048] for n in range(len(modules))]]}
    answer = requests.post(
        f"{server.url}/symbolicate/v5", json=request, headers={"Debug": "true"}, timeout=60
    ).json()["results"][0]
    functions = [frame["function"] for frame in answer["stacks"][0]]
    assert functions == [f"ns{number}::function_7919(int)" for number in range(len(modules))]
    assert answer["debug"]["downloads"]["size"] < sum(map(len, members().values())) / 4


def texts_of(server: StartedServer, keys: Iterable[str]) -> dict[str, str]:
    """Return the text of each object, by its symbol key."""
    return {without_prefix(key): gzip.decompress(server.objects.read(key)).decode() for key in keys}


def without_prefix(key: str) -> str:
    return key.removeprefix("v1/")
