# SPDX-License-Identifier: MPL-2.0

"""Servers and workers that die while they derive symbols from a large native file, and several that could do it at once."""

import os
import signal
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import requests
from tests.support.deriving import TWO_PROCESSES, deriving, stop_at_work
from tests.support.forms import EMBEDDED_ONLY, Form
from tests.support.native_files import DEBUG_ID, PROGRAM, PROGRAM_DEBUG, with_units
from tests.support.processes import is_there
from tests.support.started_server import ServerMaker, StartedServer, wait_until
from tests.support.started_worker import StartedWorker

MODULE = f"crash/{DEBUG_ID}"
# Half a second for two processes; nothing reads what follows the last section of a file that is as large as those that they share.
LARGE_DEBUG = with_units(PROGRAM_DEBUG, 6_000) + bytes(8 * 1024 * 1024)
LEASE_SECONDS = 3
SETTINGS = {
    "DJANGO_UPLOAD_DERIVE_MAX_BYTES": "0",
    **TWO_PROCESSES,
    "DJANGO_TASK_LEASE_SECONDS": str(LEASE_SECONDS),
}
SECONDS = 120.0


def upload(server: StartedServer, folder: Path, token: str, **members: bytes) -> None:
    archive = folder / f"{'-'.join(members)}.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as packed:
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
    _, killed = stop_at_work((server, server.data_dir))
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
    """A server, and two workers with data folders of their own; each of these runs one task at a time."""
    server = StartedServer(folder / "node0", dict(SETTINGS), workers=1)
    scale_out(server)
    others = [
        StartedServer(folder / f"node{n}", dict(server.settings), s3_objects=server.s3_objects)
        for n in (1, 2)
    ]
    workers = [StartedWorker(node) for node in others]
    try:
        server.begin()
        for worker in workers:
            worker.start("--concurrency", "1")
        yield server, workers
    finally:
        for worker in workers:
            worker.stop(signal.SIGKILL)
        server.stop(signal.SIGKILL)


def test_what_a_killed_worker_derived_another_does(scale_out: Form, tmp_path: Path) -> None:
    with server_and_workers(scale_out, tmp_path) as (server, workers):
        upload(server, tmp_path, server.token("upload_symbols"), crash=PROGRAM, debug=LARGE_DEBUG)
        number, killed = stop_at_work(*((one, one.server.data_dir) for one in workers))
        assert not is_derived(server)
        workers[number].stop(signal.SIGKILL)
        wait_until(lambda: is_derived(server), "another derived them", SECONDS)
        check_nothing_is_left(workers[number].server, killed)
        assert " 500 " not in server.log()


def test_two_workers_do_not_derive_one_module_at_once(scale_out: Form, tmp_path: Path) -> None:
    """The files of a build come in two uploads, so there are two tasks."""
    done = "SELECT 1 FROM jobs_task WHERE name = 'upload.derive_symbols' AND state = 'done'"
    with server_and_workers(scale_out, tmp_path) as (server, workers):
        token = server.token("upload_symbols")
        upload(server, tmp_path, token, debug=LARGE_DEBUG)
        number, at_work = stop_at_work(*((one, one.server.data_dir) for one in workers))
        time.sleep(LEASE_SECONDS)  # it must be renewed, or the other would have the right to derive
        upload(server, tmp_path, token, crash=PROGRAM)
        wait_until(lambda: bool(server.rows(done)), "the other has looked", SECONDS)
        assert deriving(workers[1 - number]) == []
        for process in at_work:
            os.kill(process, signal.SIGCONT)
        wait_until(lambda: is_derived(server), "the symbols are derived", SECONDS)
