# SPDX-License-Identifier: MPL-2.0

import subprocess
import sys
import threading
import time
import zlib
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import ExitStack
from itertools import pairwise
from pathlib import Path

import pytest

from tecken.core.concurrency.file_lock import node_lock
from tecken.core.concurrency.single_flight import NodeSingleFlight

APPEND = """
import sys, time
from pathlib import Path
from tecken.core.concurrency.file_lock import node_lock
folder, name, log = map(Path, sys.argv[1:])
for _ in range(20):
    with node_lock(folder, str(name)):
        begun = time.monotonic_ns()
        time.sleep(0.002)
        with log.open("a") as file:
            file.write(f"{begun} {time.monotonic_ns()}\\n")
"""


def test_threads_that_come_meanwhile_share_what_one_does(tmp_path: Path) -> None:
    once: NodeSingleFlight[int] = NodeSingleFlight(tmp_path)
    began, go_on, runs = threading.Event(), threading.Event(), []

    def work() -> int:
        runs.append(1)
        began.set()
        assert go_on.wait(10)
        return 42

    with ThreadPoolExecutor(20) as pool:
        first = pool.submit(once.do, "name", work)
        assert began.wait(10)
        others = [pool.submit(once.do, "name", work) for _ in range(19)]
        time.sleep(0.1)
        go_on.set()
        assert [future.result(10) for future in (first, *others)] == [42] * 20
    assert len(runs) == 1
    assert once.do("name", lambda: 43) == 43  # nothing is kept


class InterruptedTask(BaseException):
    """What ends one thread is nobody else's business."""


def test_who_waits_for_one_that_is_interrupted_does_it_himself(tmp_path: Path) -> None:
    once: NodeSingleFlight[int] = NodeSingleFlight(tmp_path)
    began, go_on = threading.Event(), threading.Event()

    def be_interrupted() -> int:
        began.set()
        assert go_on.wait(10)
        raise InterruptedTask

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(once.do, "name", be_interrupted)
        assert began.wait(10)
        second = pool.submit(once.do, "name", lambda: 42)
        time.sleep(0.1)
        go_on.set()
        assert second.result(10) == 42
        with pytest.raises(InterruptedTask):
            first.result(10)


def test_trouble_is_shared_too_and_not_kept(tmp_path: Path) -> None:
    once: NodeSingleFlight[int] = NodeSingleFlight(tmp_path)
    began, go_on, runs = threading.Event(), threading.Event(), []

    def fail() -> int:
        runs.append(1)
        began.set()
        assert go_on.wait(10)
        raise OSError("no answer")

    with ThreadPoolExecutor(20) as pool:
        first = pool.submit(once.do, "name", fail)
        assert began.wait(10)
        others = [pool.submit(once.do, "name", fail) for _ in range(19)]
        time.sleep(0.1)
        go_on.set()
        for future in (first, *others):
            with pytest.raises(OSError, match="no answer"):
                future.result(10)
    assert len(runs) == 1
    assert once.do("name", lambda: 43) == 43


def test_different_names_do_not_wait_for_each_other(tmp_path: Path) -> None:
    once: NodeSingleFlight[bool] = NodeSingleFlight(tmp_path)
    both = threading.Barrier(2, timeout=10)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda name: once.do(name, lambda: both.wait() >= 0), ("one", "two")))


def test_processes_take_turns(tmp_path: Path) -> None:
    log = tmp_path / "log"
    command = [sys.executable, "-c", APPEND, str(tmp_path / "locks"), "name", str(log)]
    running = [subprocess.Popen(command) for _ in range(3)]
    assert [process.wait(60) for process in running] == [0, 0, 0]
    spans = sorted(tuple(map(int, line.split())) for line in log.read_text().splitlines())
    assert len(spans) == 60
    assert all(ended <= begun for (_, ended), (begun, _) in pairwise(spans))


def test_a_folder_that_cannot_be_made_stops_nobody(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert NodeSingleFlight(tmp_path / "file" / "locks").do("name", lambda: 42) == 42


def identity(name: str) -> str:
    return f"https://s3.example.com/symbols:v1/{name}.pdb/ABC/{name}.sym:etag"


def test_of_many_names_few_wait_for_others(tmp_path: Path) -> None:
    """As when each module of many requests is asked for, and 20 are being scanned."""
    got: list[str] = []

    def take(name: str) -> None:
        with node_lock(tmp_path, identity(name)):
            got.append(name)

    with ThreadPoolExecutor(200) as pool, ExitStack() as held:
        for slow in {zlib.crc32(identity(f"s{n}").encode()) % 1024: n for n in range(20)}.values():
            held.enter_context(node_lock(tmp_path, identity(f"s{slow}")))
        wait([pool.submit(take, f"m{number}") for number in range(200)], timeout=3)
        at_once = len(got)
    assert len(got) == 200
    assert at_once > 190  # 64 locks would hold up some 40 of them
