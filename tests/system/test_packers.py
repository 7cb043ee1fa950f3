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
from tests.support.processes import children, is_there, packers
from tests.support.started_server import ServerMaker, StartedServer, wait_until
from tests.support.symbol_texts import large, write_zip

KEY, TEXT = large(1, functions=150_000)


@pytest.fixture
def server(make_server: ServerMaker) -> StartedServer:
    return make_server()


@contextmanager
def stopped_packer(
    server: StartedServer, tmp_path: Path, *, at_work: bool = False
) -> Iterator[tuple[int, int, "Future[requests.Response]"]]:
    """Upload a large file, and stop the packer that reads it: give it, its worker and the upload."""
    archive, token = (
        write_zip(tmp_path / "symbols.zip", {KEY: TEXT}),
        server.token("upload_symbols"),
    )
    with ThreadPoolExecutor(1) as thread:
        upload = thread.submit(server.upload, archive, token)
        found: dict[int, int] = {}

        def look() -> bool:
            for worker in children(server_process(server)):
                found.update(dict.fromkeys(packers(worker), worker))
            return bool(found)

        wait_until(look, "a packer was started")
        [(packer, worker)] = found.items()
        if at_work:
            wait_until(lambda: ignores(packer, signal.SIGTERM), "it had begun")
        os.kill(packer, signal.SIGSTOP)
        yield packer, worker, upload


def ignores(process: int, kind: signal.Signals) -> bool:
    status = dict(
        line.split(":", 1) for line in Path(f"/proc/{process}/status").read_text().splitlines()
    )
    return bool(int(status["SigIgn"], 16) >> (kind - 1) & 1)


def server_process(server: StartedServer) -> int:
    assert server.process is not None
    return server.process.pid


@EMBEDDED_ONLY
def test_a_packer_that_is_killed_is_told_in_the_log_and_the_file_is_stored(
    server: StartedServer, tmp_path: Path
) -> None:
    with stopped_packer(server, tmp_path) as (packer, _, upload):
        os.kill(packer, signal.SIGKILL)
        answer = upload.result()
    assert answer.status_code == 201, answer.text
    assert [file["key"] for file in answer.json()["upload"]["files"]] == [f"v1/{KEY}"]
    [said] = [line for line in server.log().splitlines() if "ended with status" in line]
    assert answer.headers["X-Request-Id"] in said
    assert f"packer {packer} ended with status -9" in said


@EMBEDDED_ONLY
def test_packers_end_with_a_worker_that_is_killed(server: StartedServer, tmp_path: Path) -> None:
    with stopped_packer(server, tmp_path) as (packer, worker, upload):
        os.kill(worker, signal.SIGKILL)
        os.kill(packer, signal.SIGCONT)
        wait_until(lambda: not is_there(packer), "the packer was gone")
        with pytest.raises(requests.RequestException):
            upload.result()
    spool = server.data_dir / "tmp" / "uploads"
    wait_until(lambda: not list(spool.glob("*")), "what they left was swept")


@EMBEDDED_ONLY
def test_a_server_that_is_told_to_end_lets_them_finish(
    server: StartedServer, tmp_path: Path
) -> None:
    """Also when all its processes are told, as a terminal and some process managers do."""
    with stopped_packer(server, tmp_path, at_work=True) as (packer, _, upload):
        os.kill(server_process(server), signal.SIGTERM)
        os.kill(packer, signal.SIGTERM)
        os.kill(packer, signal.SIGCONT)
        assert upload.result().status_code == 201
    server.stop()
    wait_until(lambda: not is_there(packer), "the packer was gone")
    assert "ended with status" not in server.log()
