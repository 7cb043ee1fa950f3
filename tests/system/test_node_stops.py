# SPDX-License-Identifier: MPL-2.0

"""What clients see when a node is stopped or killed while they use it."""

import signal
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path

import pytest
import requests
from tests.support import servers
from tests.support.forms import EMBEDDED_ONLY, Form
from tests.support.proxy import Proxy
from tests.support.servers import HOST, Server
from tests.support.started_nodes import two_nodes
from tests.support.started_server import ServerMaker, StartedServer, wait_until
from tests.support.symbol_texts import HELLO_ID, hello, write_zip
from tests.support.versioned_load import FILES, FULL_LOAD, Load

BUSY_CLIENTS = 12
CLIENTS = 8  # of a load
# How long a server that is told to end waits for a client that has not yet sent its request: one that was
# answered before, and one that has just connected. A client that a busy machine lets wait longer is late.
KEPT_SECONDS, NEW_SECONDS = 1.0, 0.3
STOPS = 3 if FULL_LOAD else 1
KEY = f"stopped.pdb/{HELLO_ID}/stopped.sym"


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
            if connection.sock is None:
                idle_since, patience = time.monotonic(), NEW_SECONDS
                try:
                    connection.connect()
                except ConnectionRefusedError:
                    return
            try:
                try:
                    connection.request("GET", "/__lbheartbeat__", headers={"Host": "localhost"})
                finally:
                    sent = time.monotonic()
                answer = connection.getresponse()
                yield "answered" if answer.read() == b"ok\n" else "wrong"
            except (OSError, ValueError) as error:
                yield "late" if sent - idle_since > patience else f"lost: {error!r}"
                connection.close()
            idle_since, patience = sent, KEPT_SECONDS
            if not keep_alive:
                connection.close()


@pytest.fixture(scope="module")
def nodes(
    scale_out: Form, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[list[StartedServer]]:
    """Two nodes for all tests: each ends with both of them running."""
    with two_nodes(scale_out, tmp_path_factory.mktemp("nodes")) as started:
        yield started


def wait_until_busy(seen: Counter[str]) -> None:
    goal = seen["answered"] + 10 * BUSY_CLIENTS
    wait_until(lambda: seen["answered"] > goal, "the clients are busy")


def test_a_stop_loses_no_request_of_busy_clients(tmp_path: Path) -> None:
    server = StartedServer(tmp_path / "data")
    server.give_database()
    seen: Counter[str] = Counter()
    for _ in range(STOPS):
        server.start()
        address = address_of(server)

        def ask(number: int, address: tuple[str, int] = address) -> None:
            keep_alive = number % 2 == 0
            for outcome in ask_until_refused(address, keep_alive=keep_alive):
                seen[outcome] += 1

        clients = [threading.Thread(target=ask, args=(n,)) for n in range(BUSY_CLIENTS)]
        for client in clients:
            client.start()
        wait_until_busy(seen)
        server.stop()
        for client in clients:
            client.join()
    print(dict(seen))  # noqa: T201
    assert seen.keys() <= {"answered", "late"}


@EMBEDDED_ONLY
def test_an_upload_and_a_symbolication_under_way_are_finished(
    make_server: ServerMaker, tmp_path: Path
) -> None:
    server = make_server()
    token = server.token("upload_symbols")
    archive = write_zip(tmp_path / "symbols.zip", {KEY: hello("stopped.pdb")})
    form = requests.Request("POST", server.url, files={"symbols.zip": archive.read_bytes()})
    asked = {"memoryMap": [["stopped.pdb", HELLO_ID]], "stacks": [[[0, 0x1020]]]}
    job = requests.Request("POST", server.url, json=asked)
    headers = {"Auth-Token": token}
    both_sent, go_on = threading.Barrier(3), threading.Event()
    with ThreadPoolExecutor() as clients:
        answers = [
            clients.submit(send_half, server, path, request.prepare(), headers, both_sent, go_on)
            for path, request in [("/upload/", form), ("/symbolicate/v5", job)]
        ]
        both_sent.wait(60)  # who is not taken yet is taken for one more second
        assert server.process
        server.process.send_signal(signal.SIGTERM)
        wait_until(lambda: not accepts(server), "no connection is accepted")
        go_on.set()
        statuses = [answer.result().status_code for answer in answers]
    assert statuses == [201, 200]
    assert server.process.wait(60) == 0
    assert list(server.objects.versions()) == [f"v1/{KEY}"]


def send_half(
    server: StartedServer,
    path: str,
    request: requests.PreparedRequest,
    headers: dict[str, str],
    both_sent: threading.Barrier,
    go_on: threading.Event,
) -> requests.Response:
    """Send half of a body, and the rest when the test goes on."""
    body = request.body
    assert isinstance(body, bytes)

    def chunks() -> Iterator[bytes]:
        yield body[: len(body) // 2]
        both_sent.wait(60)
        go_on.wait(60)
        yield body[len(body) // 2 :]

    headers = {**headers, "Content-Type": request.headers["Content-Type"]}
    return requests.post(server.url + path, data=chunks(), headers=headers, timeout=60)


def accepts(server: StartedServer) -> bool:
    try:
        socket.create_connection(address_of(server), timeout=30).close()
    except ConnectionRefusedError:
        return False
    return True


def test_a_rolling_restart_under_load_is_not_noticed(nodes: list[StartedServer]) -> None:
    token = nodes[0].token("upload_symbols")
    kept = Load(nodes, token, keep_alive=True)
    new = Load(nodes, token, keep_alive=False, first_file=FILES)
    with kept.running(CLIENTS // 2), new.running(CLIENTS // 2):
        for node in nodes:
            restart(node)
    for load in (kept, new):
        print(dict(load.counts))  # noqa: T201
        assert load.failures == []
        assert load.ledger.wrong == []
        assert load.counts["refused"] > 0


def test_what_a_killed_node_stored_is_used_by_the_other(
    nodes: list[StartedServer],
    redis_server: Server,
    tmp_path: Path,
    make_proxy: Callable[[int], Proxy],
) -> None:
    doomed, other = nodes
    token = other.token("upload_symbols")
    # The node stores the file and dies before it can tell Redis so.
    proxy = make_proxy(redis_server.port)
    number = other.settings["REDIS_URL"].rpartition("/")[2]
    doomed.settings = {
        **other.settings,
        "REDIS_URL": servers.redis_url(redis_server, proxy.port, int(number)),
        "DJANGO_REDIS_SOCKET_TIMEOUT": "60",
    }
    restart(doomed)
    archive = write_zip(tmp_path / "symbols.zip", {KEY: hello("stopped.pdb")})
    assert [other.function_in("stopped.pdb") for _ in range(8)] == [
        None
    ] * 8  # all processes remember that
    proxy.pause()
    proxy.cut()
    with ThreadPoolExecutor() as client:
        sent = client.submit(doomed.upload, archive, token)
        wait_until(lambda: f"v1/{KEY}" in other.objects.versions(), "the file is stored")
        doomed.stop(signal.SIGKILL)
        with pytest.raises(requests.ConnectionError):
            sent.result()
    answer = other.upload(archive, token)
    assert answer.status_code == 201
    assert answer.json()["upload"]["skipped_keys"] == [KEY]
    assert [other.function_in("stopped.pdb") for _ in range(8)] == ["main"] * 8
    doomed.settings = other.settings
    doomed.start("--port", doomed.url.rpartition(":")[2])


def test_a_node_killed_under_load_costs_what_it_was_at(nodes: list[StartedServer]) -> None:
    load = Load(nodes, nodes[0].token("upload_symbols"), first_file=2 * FILES)
    with load.running():
        for node in nodes:
            load.go_on_for(5 * CLIENTS)
            restart(node, signal.SIGKILL)
    print(dict(load.counts), load.failures)  # noqa: T201
    assert load.ledger.wrong == []
    # Whenever a node is killed, each client can lose the request that it waits for, and one that the
    # socket took while the node's processes ended one after the other.
    assert len(load.failures) <= 2 * len(nodes) * CLIENTS
    assert all(
        "ConnectionError" in failure or "ChunkedEncoding" in failure for failure in load.failures
    )
