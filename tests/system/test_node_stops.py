# This Source Code Form is subject to the terms of the Mozilla Public
# License, v. 2.0. If a copy of the MPL was not distributed with this
# file, You can obtain one at https://mozilla.org/MPL/2.0/.

"""What clients see when a node is stopped or killed while they use it."""

import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path

import pytest
from tests.support.servers import HOST
from tests.support.started_server import StartedServer
from tests.support.symbol_texts import HELLO_ID
from tests.support.versioned_load import Load

BUSY_CLIENTS = 12
STOPS = 3
KEY = f"stopped.pdb/{HELLO_ID}/stopped.sym"
JOB = {"memoryMap": [["stopped.pdb", HELLO_ID]], "stacks": [[[0, 0x1020]]]}


def restart(node: StartedServer, kind: signal.Signals = signal.SIGTERM) -> None:
    """Stop it and start it again on its port."""
    port = node.url.rpartition(":")[2]
    node.stop(kind)
    node.start("--port", port)


def address_of(node: StartedServer) -> tuple[str, int]:
    return HOST, int(node.url.rpartition(":")[2])


def ask_until_refused(address: tuple[str, int], *, keep_alive: bool) -> Iterator[str]:
    """Ask a node for its heartbeat until it takes no more connections; yield what happened."""
    connection = HTTPConnection(*address, timeout=60)
    with closing(connection):
        while True:
            try:
                connection.connect() if connection.sock is None else None
            except ConnectionRefusedError:
                return
            try:
                connection.request("GET", "/__lbheartbeat__", headers={"Host": "localhost"})
                answer = connection.getresponse()
                yield "answered" if answer.read() == b"ok\n" else "wrong"
            except (OSError, ValueError) as error:
                yield f"lost: {error!r}"
                connection.close()
            if not keep_alive:
                connection.close()


@pytest.mark.parametrize("keep_alive", [False, True], ids=["new connections", "kept alive"])
def test_a_stop_loses_no_request_of_busy_clients(tmp_path: Path, keep_alive: bool) -> None:
    server = StartedServer(tmp_path / "data")
    seen: Counter[str] = Counter()
    for _ in range(STOPS):
        server.start()
        address = address_of(server)

        def ask(address: tuple[str, int] = address) -> None:
            for outcome in ask_until_refused(address, keep_alive=keep_alive):
                seen[outcome] += 1

        clients = [threading.Thread(target=ask) for _ in range(BUSY_CLIENTS)]
        for client in clients:
            client.start()
        time.sleep(0.5)
        server.stop()
        for client in clients:
            client.join()
    print(dict(seen))  # noqa: T201
    assert seen.keys() == {"answered"}


@pytest.mark.parametrize("keep_alive", [False, True], ids=["new connections", "kept alive"])
def test_a_rolling_restart_under_load_is_not_noticed(
    nodes: list[StartedServer], keep_alive: bool
) -> None:
    load = Load(nodes, nodes[0].token("upload_symbols"), keep_alive=keep_alive)
    with load.running():
        for node in nodes:
            restart(node)
    print(dict(load.counts))  # noqa: T201
    assert load.failures == []
    assert load.ledger.wrong == []
    assert load.counts["refused"] > 0
