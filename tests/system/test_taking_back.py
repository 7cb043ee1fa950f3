# SPDX-License-Identifier: MPL-2.0

"""An upload is taken back while others symbolicate from it: the next answer says not found."""

import signal
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import requests
from tests.support.started_server import StartedServer, wait_until
from tests.support.symbol_texts import HELLO_ID, hello, write_zip

DEBUG_FILE = "wrong.pdb"
KEY = f"{DEBUG_FILE}/{HELLO_ID}/wrong.sym"
ROUNDS = 3
CLIENTS = 4
PAUSE_SECONDS = 0.03  # of each client, who would else keep the processors from those who delete


class Askers:
    """Threads that symbolicate from the file all the time, on all servers in turn."""

    def __init__(self, servers: Sequence[StartedServer]) -> None:
        self._stop = threading.Event()
        # When an answer was asked for, and the function that it named.
        self.answers: list[tuple[float, str | None]] = []
        self.errors: list[Exception] = []
        asked = [servers[number % len(servers)] for number in range(CLIENTS)]
        self._threads = [threading.Thread(target=self._ask, args=(server,)) for server in asked]
        for thread in self._threads:
            thread.start()

    def _ask(self, server: StartedServer) -> None:
        try:
            while not self._stop.wait(PAUSE_SECONDS):
                began = time.monotonic()
                self.answers.append((began, server.function_in(DEBUG_FILE)))
        except (requests.RequestException, AssertionError) as error:
            self.errors.append(error)

    def go_on(self, answers: int) -> None:
        goal = len(self.answers) + answers
        wait_until(lambda: len(self.answers) >= goal or bool(self.errors), "there are answers")

    def stop(self) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()


def assert_taken_back_at_once(servers: Sequence[StartedServer], folder: Path) -> None:
    token = servers[0].token("upload_symbols")
    archive = write_zip(folder / "wrong.zip", {KEY: hello(DEBUG_FILE)})
    for number in range(ROUNDS):
        sent = servers[0].upload(archive, token)
        assert sent.status_code == 201, sent.text
        askers = Askers(servers)
        try:
            askers.go_on(5 * CLIENTS)
            deleting = servers[number % len(servers)]
            url = f"{deleting.url}/api/uploads/upload/{sent.json()['upload']['id']}"
            headers = {"Auth-Token": token}
            deleted = requests.delete(url, json={"reason": "wrong"}, headers=headers, timeout=60)
            answered = time.monotonic()
            askers.go_on(5 * CLIENTS)
        finally:
            askers.stop()
        assert (deleted.status_code, deleted.json()["removed"]) == (200, [f"v1/{KEY}"])
        assert askers.errors == []
        assert None not in [name for began, name in askers.answers[: 4 * CLIENTS]]
        later = [name for began, name in askers.answers if began > answered]
        assert len(later) >= CLIENTS
        assert set(later) == {None}
        for server in servers:
            assert requests.get(f"{server.url}/{KEY}", timeout=60).status_code == 404


def test_every_node_says_so_at_once(nodes: list[StartedServer], tmp_path: Path) -> None:
    assert_taken_back_at_once(nodes, tmp_path)


def test_every_process_says_so_at_once(tmp_path: Path) -> None:
    node = StartedServer(tmp_path / "node")
    node.begin("--workers", "3")
    try:
        assert_taken_back_at_once([node], tmp_path)
    finally:
        node.stop(signal.SIGKILL)
