# SPDX-License-Identifier: MPL-2.0

import os
import signal
import subprocess
from pathlib import Path

import requests
from tests.support.full_disk import command_on_tmpfs, needs_tmpfs
from tests.support.started_server import TECKEN, StartedServer, wait_until
from tests.support.symbol_texts import HELLO_ID, hello, write_zip


@needs_tmpfs
def test_a_server_without_room_for_generations_says_so_in_one_line(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    command = command_on_tmpfs(data, 12, str(TECKEN), "serve", "--port", "0")
    environment = StartedServer(data).environment  # of the embedded form
    ended = subprocess.run(
        command, env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=120
    )
    assert ended.returncode == 1
    [line] = ended.stderr.splitlines()
    assert line.startswith("Error: TECKEN_DATA_DIR has no room for generations (16 MB): ")
    assert "No space left on device" in line


def test_generations_that_are_deleted_while_the_server_runs_lose_no_upload(
    tmp_path: Path,
) -> None:
    """Several workers have remembered that the files are not there; one of them is replaced, and so
    opens the generations after the others."""
    server = StartedServer(tmp_path / "data")
    server.begin("--workers", "4")
    try:
        token = server.token("upload.upload_symbols")
        for number in range(2):
            name = f"m{number}.pdb"
            for _ in range(40):
                assert server.function_in(name) is None
            (server.data_dir / "generations").unlink()
            if number % 2:
                kill_a_worker(server)
            members = {f"{name}/{HELLO_ID}/m{number}.sym": hello(name)}
            archive = write_zip(tmp_path / "symbols.zip", members)
            assert server.upload(archive, token).status_code == 201
            assert [server.function_in(name) for _ in range(40)] == ["main"] * 40
    finally:
        server.stop()


def kill_a_worker(server: StartedServer) -> None:
    """Kill one, and wait until another has taken its place."""
    assert server.process is not None
    children = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children")
    before = children.read_text().split()
    os.kill(int(before[-1]), signal.SIGKILL)
    wait_until(
        lambda: (
            before[-1] not in children.read_text().split()
            and len(children.read_text().split()) == len(before)
        ),
        "another worker is there",
    )
    wait_until(lambda: answers(server), "the workers answer")


def answers(server: StartedServer) -> bool:
    try:
        return all(requests.get(f"{server.url}/__version__", timeout=10).ok for _ in range(20))
    except requests.RequestException:
        return False
