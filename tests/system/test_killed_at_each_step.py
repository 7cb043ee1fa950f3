# SPDX-License-Identifier: MPL-2.0

"""A server that is killed after each step of an upload, as far as steps can be seen from outside.

Each place that keeps objects has a share of the steps; ``TECKEN_KILLED_UPLOADS=100`` makes it so
many uploads, and all steps, for each place.
"""

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests
from tests.support.proxy import Fault, HttpProxy
from tests.support.started_server import StartedServer
from tests.support.watched_upload import Step, WatchedUpload
from tests.system.conftest import Form

UPLOADS = int(os.environ.get("TECKEN_KILLED_UPLOADS", "3"))
PLACES = ("folder", "S3", "S3 that fails")
_FAILING = 0.05  # of the requests to an S3 that fails: half are refused, half done and not answered


@pytest.fixture(params=PLACES)
def place(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def server(place: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[StartedServer]:
    """The embedded form, the scaled-out form, and that with an S3 that fails now and then."""
    server = StartedServer(tmp_path / "data", workers=1)
    if place != "folder":
        scale_out: Form = request.getfixturevalue("scale_out")
        scale_out(server)
    if place == "S3 that fails":
        proxy: HttpProxy = request.getfixturevalue("s3_proxy")
        proxy.add(Fault(status=503, when=lambda _: random.random() < _FAILING / 2))
        proxy.add(Fault(lose_answer=True, when=lambda _: random.random() < _FAILING / 2))
        bucket = server.settings["DJANGO_SYMBOL_URLS"].rpartition("/")[2]
        server.settings["DJANGO_SYMBOL_URLS"] = f"{proxy.url}/{bucket}"
    server.begin()
    yield server
    server.stop(signal.SIGKILL)


def test_an_upload_whose_server_is_killed_is_whole_once_it_is_repeated(
    server: StartedServer,
    place: str,
    tmp_path: Path,
    record_property: Callable[[str, object], None],
) -> None:
    token = server.token("upload_symbols")
    hits: Counter[str] = Counter()
    keys: list[str] = []
    for number in range(UPLOADS):
        upload = WatchedUpload(server, tmp_path, number)
        steps = [*upload.steps().items(), ("a random time", at_random())]
        awaited, step = steps[(PLACES.index(place) * 3 + number) % len(steps)]
        hits[f"{awaited} -> {upload.kill_after(step, token)}"] += 1
        upload.assert_whole()
        interrupted = upload.rows()

        server.start()
        answer = upload.repeat(token)
        assert upload.stored() == upload.texts.keys()
        upload.assert_whole()
        new = {file["key"] for file in answer["files"]}
        skipped = {f"v1/{name}" for name in answer["skipped_keys"]}
        assert new | skipped == upload.texts.keys()
        assert upload.completed_files().keys() == upload.texts.keys()
        rows = upload.rows()
        assert rows[: len(interrupted)] == interrupted
        assert [completed is not None for row, completed in rows if row == answer["id"]] == [True]
        keys += upload.texts
    assert_all_symbolicate(server, keys)
    record_property("summary", f"awaited -> done when killed: {dict(hits)}")


def at_random() -> Step:
    """Return a step that is seen after a random time."""
    deadline = time.monotonic() + random.uniform(0, 0.5)
    return lambda: time.monotonic() > deadline


def assert_all_symbolicate(server: StartedServer, keys: list[str]) -> None:
    modules = [key.split("/")[1:3] for key in keys]
    job = {"memoryMap": modules, "stacks": [[[n, 0x1048] for n in range(len(modules))]]}
    for _ in range(10):
        answer = requests.post(f"{server.url}/symbolicate/v5", json=job, timeout=60)
        if answer.status_code != 503:
            break
    [frames] = answer.json()["results"][0]["stacks"]
    assert [frame["function"] for frame in frames] == [
        f"ns{number}::function_7919(int)" for number in range(len(modules))
    ]
