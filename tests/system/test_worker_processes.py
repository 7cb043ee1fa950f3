# SPDX-License-Identifier: MPL-2.0

"""The processes that read large members of archives: they end with their server, and not too early."""

import os
import signal
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests
from tests.support.forms import EMBEDDED_ONLY
from tests.support.processes import children, is_there, workers_of
from tests.support.started_server import ServerMaker, StartedServer, wait_until
from tests.support.symbol_texts import large, write_zip

KEY, _ = large(1, 0)


@pytest.fixture
def server(make_server: ServerMaker) -> StartedServer:
    return make_server()


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A large file, packed."""
    path = tmp_path_factory.mktemp("large") / "symbols.zip"
    return write_zip(path, dict([large(1, functions=80_000)]))


@contextmanager
def stopped_worker(
    server: StartedServer, archive: Path, *, at_work: bool = False
) -> Iterator[tuple[int, int, "Future[requests.Response]"]]:
    """Upload a large file, and stop the process that reads it: give it, its parent and the upload."""
    token = server.token("upload_symbols")
    with ThreadPoolExecutor(1) as thread:
        upload = thread.submit(server.upload, archive, token)
        worker, parent = first_worker(server)
        if at_work:
            wait_until(lambda: ignores(worker, signal.SIGTERM), "it had begun")
        os.kill(worker, signal.SIGSTOP)
        yield worker, parent, upload


def first_worker(server: StartedServer) -> tuple[int, int]:
    """Wait until there is a worker process; return it and its parent."""
    found: dict[int, int] = {}

    def look() -> bool:
        for parent in children(server_process(server)):
            found.update(dict.fromkeys(workers_of(parent), parent))
        return bool(found)

    wait_until(look, "a worker process was started")
    return next(iter(found.items()))


def ignores(process: int, kind: signal.Signals) -> bool:
    status = dict(
        line.split(":", 1) for line in Path(f"/proc/{process}/status").read_text().splitlines()
    )
    return bool(int(status["SigIgn"], 16) >> (kind - 1) & 1)


def server_process(server: StartedServer) -> int:
    assert server.process is not None
    return server.process.pid


@EMBEDDED_ONLY
def test_a_worker_process_that_is_killed_is_told_in_the_log_and_the_file_is_stored(
    server: StartedServer, archive: Path
) -> None:
    with stopped_worker(server, archive) as (worker, _, upload):
        os.kill(worker, signal.SIGKILL)
        answer = upload.result()
    assert answer.status_code == 201, answer.text
    assert [file["key"] for file in answer.json()["upload"]["files"]] == [f"v1/{KEY}"]
    [said] = [line for line in server.log().splitlines() if "ended with status" in line]
    assert answer.headers["X-Request-Id"] in said
    assert f"worker process {worker} ended with status -9" in said


@EMBEDDED_ONLY
def test_they_end_with_a_server_process_that_is_killed(
    server: StartedServer, archive: Path
) -> None:
    with stopped_worker(server, archive) as (worker, parent, upload):
        os.kill(parent, signal.SIGKILL)
        os.kill(worker, signal.SIGCONT)
        wait_until(lambda: not is_there(worker), "the worker was gone")
        with pytest.raises(requests.RequestException):
            upload.result()
    spool = server.data_dir / "tmp" / "uploads"
    wait_until(lambda: not list(spool.glob("*")), "what they left was swept")


@EMBEDDED_ONLY
def test_a_server_that_is_told_to_end_lets_them_finish(
    server: StartedServer, archive: Path
) -> None:
    """Also when all its processes are told, as a terminal and some process managers do."""
    with stopped_worker(server, archive, at_work=True) as (worker, _, upload):
        os.kill(server_process(server), signal.SIGTERM)
        os.kill(worker, signal.SIGTERM)
        os.kill(worker, signal.SIGCONT)
        assert upload.result().status_code == 201
    server.stop()
    wait_until(lambda: not is_there(worker), "the worker was gone")
    assert "ended with status" not in server.log()


@EMBEDDED_ONLY
def test_twenty_uploads_at_once_of_which_one_loses_its_process(
    server: StartedServer, tmp_path: Path
) -> None:
    token = server.token("upload_symbols")
    key, text = large(1, functions=26_000)  # a little more than is read without a process
    texts = {f"{number}-{key}": text for number in range(20)}
    archives = [write_zip(tmp_path / f"{key[:2]}.zip", {key: texts[key]}) for key in texts]
    with ThreadPoolExecutor(20) as threads:
        uploads = [threads.submit(server.upload, archive, token) for archive in archives]
        worker, _ = first_worker(server)
        os.kill(worker, signal.SIGKILL)
        assert [upload.result().status_code for upload in uploads] == [201] * 20
    assert server.objects.versions().keys() == {f"v1/{key}" for key in texts}
