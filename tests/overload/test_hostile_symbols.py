# SPDX-License-Identifier: MPL-2.0

"""Symbol files that were made to be slow and large, uploaded to a started server."""

import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests
from tests.support.costly_symbols import CostlyModule, equal_ranges, nested_calls
from tests.support.processes import children, processor_seconds
from tests.support.started_server import StartedServer
from tests.support.symbol_texts import HELLO_ID, hello, write_zip

MEGABYTE = 1024 * 1024
SLOW, LARGE = equal_ranges(), nested_calls()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StartedServer]:
    """A server that has two hostile symbol files, each in a zip of some 30 KB, and an ordinary one."""
    folder = tmp_path_factory.mktemp("hostile")
    server = StartedServer(folder / "data", {"DJANGO_LOCAL_PROVIDER": "false"})
    server.begin()
    members = {f"hello.pdb/{HELLO_ID}/hello.sym": hello(), **SLOW.member, **LARGE.member}
    archive = write_zip(folder / "hostile.zip", members)
    assert archive.stat().st_size < 100_000
    assert server.upload(archive, server.token("upload_symbols")).status_code == 201
    yield server
    server.stop(signal.SIGKILL)


def ask(server: StartedServer, module: CostlyModule, first: int, frames: int) -> requests.Response:
    job = module.job(first, frames)
    return requests.post(f"{server.url}/symbolicate/v5", json=job, timeout=120)


def workers(server: StartedServer) -> list[int]:
    assert server.process is not None
    return children(server.process.pid)


def memory_bytes(server: StartedServer, field: str) -> int:
    """Return a field of the status of the worker that has most of it, e.g. ``VmRSS``."""
    texts = [Path(f"/proc/{worker}/status").read_text() for worker in workers(server)]
    return max(int(text.partition(f"{field}:")[2].split()[0]) for text in texts) * 1024


def test_twenty_requests_for_a_slow_function_cost_as_much_as_few(server: StartedServer) -> None:
    # Each process parses it once. To scan its 150,000 ranges for each of these 4,000 addresses takes
    # more than a minute.
    assert server.function_in("hello.pdb") == "main"
    before = processor_seconds(*workers(server))
    with ThreadPoolExecutor(20) as clients:
        answers = [clients.submit(ask, server, SLOW, 200 * n, 200) for n in range(20)]
        while not all(answer.done() for answer in answers):
            assert server.function_in("hello.pdb") == "main"
            time.sleep(0.05)  # others are served all the while
    for answer in answers:
        assert answer.result().status_code == 200
        [frames] = answer.result().json()["results"][0]["stacks"]
        assert all(len(frame["inlines"]) == 1 for frame in frames)
    first = processor_seconds(*workers(server)) - before
    with ThreadPoolExecutor(20) as clients:
        list(clients.map(lambda n: ask(server, SLOW, 200 * n + 7, 199), range(20)))
    again = processor_seconds(*workers(server)) - before - first
    assert again < first
    assert first < 30


def test_deeply_nested_calls_take_bounded_memory(server: StartedServer) -> None:
    assert server.function_in("hello.pdb") == "main"
    before = memory_bytes(server, "VmRSS")
    for first in (0, 2_000, 1_000):
        answer = ask(server, LARGE, first, 2_000)
        assert answer.status_code == 200
        [frames] = answer.json()["results"][0]["stacks"]
        assert {len(frame["inlines"]) for frame in frames} == {256}
    assert memory_bytes(server, "VmHWM") - before < 300 * MEGABYTE


def test_an_answer_that_would_be_too_large_is_refused_within_bounded_memory(
    server: StartedServer,
) -> None:
    before = memory_bytes(server, "VmRSS")
    answer = ask(server, LARGE, 0, 40_000)
    assert answer.status_code == 413
    assert "too many bytes" in answer.json()["error"]
    assert memory_bytes(server, "VmHWM") - before < 300 * MEGABYTE
