# SPDX-License-Identifier: MPL-2.0

"""Many hostile bodies at once, against a started server with 2 GB of memory."""

import signal
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests
from tests.support.hostile_bodies import KINDS
from tests.support.memory_limit import MemoryLimit, memory_limit
from tests.support.started_server import TECKEN, StartedServer
from tests.support.symbol_texts import HELLO_ID, hello, write_zip
from tests.support.versioned_load import FULL_LOAD

GIBIBYTE = 1024**3
WORKERS = 4
AT_ONCE = 20
ROUNDS = 3 if FULL_LOAD else 1
WORST = (
    "as many frames as are allowed, with fractions",
    "as many frames as are allowed, with texts",
    "empty stacks",
    "frames, one with a fraction",
    "one key",
)
SMALL = {"memoryMap": [["hello.pdb", HELLO_ID]], "stacks": [[[0, 0x1020]] * 20]}


@pytest.fixture
def limit() -> Iterator[MemoryLimit]:
    with memory_limit(2 * GIBIBYTE) as limited:
        yield limited


@pytest.fixture
def server(limit: MemoryLimit, tmp_path: Path) -> Iterator[StartedServer]:
    started = StartedServer(tmp_path / "data", program=(*limit.program, TECKEN))
    started.begin("--workers", str(WORKERS))
    try:
        token = started.token("upload_symbols")
        archive = write_zip(tmp_path / "symbols.zip", {f"hello.pdb/{HELLO_ID}/hello.sym": hello()})
        assert started.upload(archive, token).status_code == 201
        yield started
    finally:
        started.stop(signal.SIGKILL)


def post(server: StartedServer, body: bytes | dict[str, object]) -> requests.Response:
    sent = {"data": body} if isinstance(body, bytes) else {"json": body}
    return requests.post(f"{server.url}/symbolicate/v5", timeout=120, **sent)


def test_twenty_hostile_bodies_at_once_kill_nobody_and_others_are_served(
    server: StartedServer, limit: MemoryLimit, record_property: Callable[[str, object], None]
) -> None:
    bodies = [KINDS[kind]() for kind in (KINDS if FULL_LOAD else WORST)]
    statuses: Counter[int] = Counter()
    served: Counter[int] = Counter()
    sent = threading.Event()

    def attack(number: int) -> None:
        for place in range(ROUNDS):
            answer = post(server, bodies[(number + place * AT_ONCE) % len(bodies)])
            assert answer.status_code != 429 or answer.headers["Retry-After"]
            statuses[answer.status_code] += 1

    def ask() -> None:
        while not sent.wait(0.1):
            answer = post(server, SMALL)
            served[answer.status_code] += 1
            [stack] = answer.json()["results"][0]["stacks"]
            assert [frame["function"] for frame in stack] == ["main"] * 20

    with ThreadPoolExecutor(AT_ONCE + 2) as pool:
        asking = [pool.submit(ask) for _ in range(2)]
        attacks = [pool.submit(attack, number) for number in range(AT_ONCE)]
        try:
            for each in attacks:
                each.result(300)
        finally:
            sent.set()
        for each in asking:
            each.result(60)
    assert set(statuses) <= {200, 400, 413, 429}
    assert set(served) == {200}
    assert limit.kills == 0
    assert "MemoryError" not in server.log()
    record_property(
        "summary",
        f"{dict(statuses)}, {served[200]} small requests served meanwhile,"
        f" {limit.peak_bytes >> 20} MiB at most",
    )
