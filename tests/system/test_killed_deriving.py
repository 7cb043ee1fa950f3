# SPDX-License-Identifier: MPL-2.0

"""Servers and workers that die while they derive symbols from a large native file, and several that could do it at once."""

import signal
import threading
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import requests
from tests.support.forms import EMBEDDED_ONLY, Form
from tests.support.native_files import DEBUG_ID, PROGRAM, PROGRAM_DEBUG, with_units
from tests.support.processes import children, is_there, processor_seconds, workers_of
from tests.support.started_server import ServerMaker, StartedServer, wait_until
from tests.support.started_worker import StartedWorker

MODULE = f"crash/{DEBUG_ID}"
UNITS = 40_000  # above what one process derives alone, and two take some seconds
LARGE_DEBUG = with_units(PROGRAM_DEBUG, UNITS)
SETTINGS = {
    "DJANGO_UPLOAD_DERIVE_MAX_BYTES": "0",
    "DJANGO_UPLOAD_DERIVE_PROCESSES": "2",
    "DJANGO_TASK_LEASE_SECONDS": "3",
}
SECONDS = 120.0


def upload(server: StartedServer, folder: Path, token: str, **members: bytes) -> None:
    archive = folder / f"{'-'.join(members)}.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        for name, content in members.items():
            packed.writestr(name, content)
    answer = server.upload(archive, token)
    assert answer.status_code == 201, answer.text
    assert {file["derivation"] for file in answer.json()["upload"]["files"]} == {"pending"}


def result(server: StartedServer) -> dict:
    job = {"memoryMap": [["crash", DEBUG_ID]], "stacks": [[[0, 0x10D]]]}
    answer = requests.post(f"{server.url}/symbolicate/v5", json=job, timeout=60)
    assert answer.status_code == 200, answer.text
    return answer.json()["results"][0]


def is_derived(server: StartedServer) -> bool:
    """Say whether the symbols are there; until then it must not be told that nobody has them."""
    told = result(server)
    if told["found_modules"] == {MODULE: True}:
        [[frame]] = told["stacks"]
        assert (frame["function"], frame["line"]) == ("outer", 3)
        return True
    assert told["module_errors"][MODULE][0]["name"] == "pending"
    return False


def deriving(process: int) -> list[int]:
    """The processes that derive symbols for one that people start."""
    return [worker for child in children(process) for worker in workers_of(child)]


def wait_for_work(*processes: int) -> int:
    """Wait until one of them derives, with two processes that each have a share; return it."""
    found: list[int] = []

    def look() -> bool:
        found[:] = [process for process in processes if len(deriving(process)) >= 2]
        return bool(found)

    wait_until(look, "two processes derived symbols", SECONDS)
    return found[0]


def works(process: int) -> bool:
    """Say whether the processes that derive for one take processor time; those that have nothing to do stay for a minute."""
    before = spent(process)
    time.sleep(0.3)
    return spent(process) > before


def spent(process: int) -> float:
    total = 0.0
    for each in deriving(process):
        with suppress(FileNotFoundError, ProcessLookupError):
            total += processor_seconds(each)
    return total


def check_nothing_is_left(node: StartedServer, killed: list[int]) -> None:
    wait_until(lambda: not any(map(is_there, killed)), "the killed one's processes were gone")
    spool = node.data_dir / "tmp" / "uploads"
    cleaned = node.command("cleanup")
    assert cleaned.returncode == 0, cleaned.stderr
    assert list(spool.glob("*")) == []
    assert node.rows("SELECT * FROM upload_modulebeingderived") == []


@EMBEDDED_ONLY
def test_a_server_that_is_killed_begins_again(make_server: ServerMaker, tmp_path: Path) -> None:
    server = make_server(workers=2, **SETTINGS)
    upload(server, tmp_path, server.token("upload_symbols"), crash=PROGRAM, debug=LARGE_DEBUG)
    process = server.process
    assert process is not None
    killed = deriving(wait_for_work(process.pid))
    assert not is_derived(server)
    server.stop(signal.SIGKILL)
    server.start()
    wait_until(lambda: is_derived(server), "the symbols are derived", SECONDS)
    check_nothing_is_left(server, killed)
    assert " 500 " not in server.log()


@contextmanager
def server_and_workers(
    scale_out: Form, folder: Path
) -> Iterator[tuple[StartedServer, list[StartedWorker]]]:
    """A server, and two workers with data folders of their own, which are not begun."""
    server = StartedServer(folder / "node0", dict(SETTINGS))
    scale_out(server)
    others = [
        StartedServer(folder / f"node{n}", dict(server.settings), s3_objects=server.s3_objects)
        for n in (1, 2)
    ]
    workers = [StartedWorker(node) for node in others]
    try:
        server.begin()
        yield server, workers
    finally:
        for worker in workers:
            worker.stop(signal.SIGKILL)
        server.stop(signal.SIGKILL)


def pid_of(worker: StartedWorker) -> int:
    assert worker.process is not None
    return worker.process.pid


def test_what_a_killed_worker_derived_another_does(scale_out: Form, tmp_path: Path) -> None:
    with server_and_workers(scale_out, tmp_path) as (server, workers):
        upload(server, tmp_path, server.token("upload_symbols"), crash=PROGRAM, debug=LARGE_DEBUG)
        for worker in workers:
            worker.start()
        at_work = wait_for_work(*map(pid_of, workers))
        (dead,) = [worker for worker in workers if pid_of(worker) == at_work]
        killed = deriving(at_work)
        assert not is_derived(server)
        dead.stop(signal.SIGKILL)
        wait_until(lambda: is_derived(server), "another derived them", SECONDS)
        check_nothing_is_left(dead.server, killed)
        assert " 500 " not in server.log()


def test_two_workers_do_not_derive_one_module_at_once(scale_out: Form, tmp_path: Path) -> None:
    """The files of a build come in two uploads, so there are two tasks; each worker runs one at a time."""
    with server_and_workers(scale_out, tmp_path) as (server, workers):
        token = server.token("upload_symbols")
        starts = [
            threading.Thread(target=worker.start, args=["--concurrency", "1"]) for worker in workers
        ]
        for start in starts:
            start.start()
        for start in starts:
            start.join()
        upload(server, tmp_path, token, debug=LARGE_DEBUG)
        wait_for_work(*map(pid_of, workers))
        upload(server, tmp_path, token, crash=PROGRAM)
        both_before, both_twice = False, 0

        def look() -> bool:
            nonlocal both_before, both_twice
            both = all(works(pid_of(worker)) for worker in workers)
            both_twice += (
                both and both_before
            )  # once may be the end of one and the begin of the other
            both_before = both
            return is_derived(server)

        wait_until(look, "the symbols are derived", SECONDS)
        assert both_twice == 0
