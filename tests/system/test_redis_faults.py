# SPDX-License-Identifier: MPL-2.0

"""What clients see while Redis is paused, stopped, full, wiped or wrongly set: right answers."""

import gzip
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests
from tests.support import servers
from tests.support.redis_faults import FULL, PAUSED, STOPPED, Fault, admin, wipe
from tests.support.servers import Server
from tests.support.started_server import StartedServer, wait_until
from tests.support.symbol_texts import HELLO_ID, hello, write_zip


@dataclass
class Client:
    """Talks with a server as builds and debuggers do; everything must succeed."""

    server: StartedServer
    token: str
    folder: Path

    def upload(self, debug_file: str) -> None:
        name = debug_file.removesuffix(".pdb")
        key = f"{debug_file}/{HELLO_ID}/{name}.sym"
        archive = write_zip(self.folder / f"{name}.zip", {key: hello(debug_file)})
        answer = self.server.upload(archive, self.token)
        assert answer.status_code == 201, answer.text

    def finds(self, debug_file: str) -> bool:
        url = f"{self.server.url}/{debug_file}/{HELLO_ID}/{debug_file.removesuffix('.pdb')}.sym"
        answer = requests.get(url, allow_redirects=False, timeout=60)
        assert answer.status_code in {302, 404}, answer.text
        return answer.status_code == 302

    def is_healthy(self) -> bool:
        return requests.get(f"{self.server.url}/__heartbeat__", timeout=60).ok


@pytest.fixture
def client(own_redis: Server, tmp_path: Path) -> Iterator[Client]:
    server = StartedServer(tmp_path / "data", {"REDIS_URL": servers.redis_url(own_redis)})
    server.begin()
    yield Client(server, server.token("upload_symbols"), tmp_path)
    log = server.log()
    server.stop(signal.SIGKILL)
    assert "Traceback" not in log, log


@pytest.mark.parametrize("fault", [PAUSED, STOPPED, FULL], ids=lambda fault: fault.name)
def test_a_cache_in_trouble_makes_no_answer_wrong(
    client: Client, own_redis: Server, fault: Fault
) -> None:
    old, new = "old.pdb", "new.pdb"
    client.upload(old)
    for _ in range(4):  # both worker processes remember what they have asked for
        assert client.server.function_in(old) == "main"
        assert client.server.function_in(new) is None
    fault.begin(own_redis)
    try:
        assert client.server.function_in(old) == "main"
        assert client.finds(old)
        client.upload(new)
        assert client.finds(new)
        assert client.server.function_in(new) == "main"
        assert not client.is_healthy()
    finally:
        fault.end(own_redis)
    wait_until(client.is_healthy, "the server has noticed that it is over", 90)
    found = lambda: all(client.server.function_in(new) == "main" for _ in range(4))  # noqa: E731
    wait_until(found, "no worker process remembers that the file was missing", 30)


def test_a_wiped_cache_is_not_noticed(client: Client, own_redis: Server) -> None:
    assert client.server.function_in("wiped.pdb") is None
    wipe(own_redis)
    client.upload("wiped.pdb")
    wipe(own_redis)
    assert client.server.function_in("wiped.pdb") == "main"
    assert client.is_healthy()


NodeMaker = Callable[..., Client]


@pytest.fixture
def make_node(tmp_path: Path) -> Iterator[NodeMaker]:
    """Return a function that starts a node with one bucket of somebody else's symbol files."""
    nodes: list[StartedServer] = []
    bucket = tmp_path / "theirs"

    def make(store: Server) -> Client:
        folder = bucket / "v1" / "theirs.pdb" / HELLO_ID
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "theirs.sym").write_bytes(gzip.compress(hello("theirs.pdb").encode()))
        # Where uploads go, an index is stored beside such a file, and the store is not needed.
        ours = (tmp_path / "ours").as_uri()
        settings = {
            "DJANGO_SYMBOL_URLS": f"{ours},{bucket.as_uri()}",
            "DJANGO_UPLOAD_DEFAULT_URL": ours,
            "REDIS_STORE_URL": servers.redis_url(store),
        }
        server = StartedServer(tmp_path / f"node{len(nodes)}", settings, workers=1)
        nodes.append(server)
        server.begin()
        return Client(server, "", tmp_path)

    yield make
    for node in nodes:
        node.stop(signal.SIGKILL)


def test_a_store_that_is_stopped_or_wiped_makes_no_answer_wrong(make_node: NodeMaker) -> None:
    with servers.redis("--maxmemory", "64mb", "--maxmemory-policy", "allkeys-lru") as store:
        first, second, third = make_node(store), make_node(store), make_node(store)
        assert first.server.function_in("theirs.pdb") == "main"
        with admin(store) as keys:
            # What is shared is made after the answer.
            wait_until(lambda: keys.dbsize() == 2, "the first node has shared the file")
            index, part = sorted(keys.keys())
            assert part == index + b":0"
            assert second.server.function_in("theirs.pdb") == "main"
            keys.delete(part)
            assert third.server.function_in("theirs.pdb") == "main"
            wait_until(lambda: bool(keys.exists(part)), "the third has shared what was missing")
        fourth = make_node(store)
        store.stop()
        assert fourth.server.function_in("theirs.pdb") == "main"
        assert [node.server.trouble() for node in (first, second, third)] == [[]] * 3


def test_a_store_with_the_wrong_policy_is_warned_of_and_used(make_node: NodeMaker) -> None:
    with servers.redis() as store:
        node = make_node(store)
        assert node.server.function_in("theirs.pdb") == "main"
        with admin(store) as keys:
            wait_until(lambda: keys.dbsize() == 2, "the file is shared")
    assert "maxmemory is 0" in node.server.log()
    assert "maxmemory-policy is noeviction" in node.server.log()
    assert "set it to allkeys-lru" in node.server.log()


def test_a_broker_that_is_gone_does_not_hold_up_a_request(
    client: Client, own_redis: Server
) -> None:
    def seconds() -> float:
        started = time.monotonic()
        url = f"{client.server.url}/__task_tester__"
        assert requests.post(url, timeout=60).status_code == 201
        return time.monotonic() - started

    usual = max(seconds() for _ in range(3))  # on a busy machine, that may be seconds
    own_redis.stop()
    # Celery would make pauses of 2 and 4 seconds, as it does by default.
    assert seconds() < 5 + 10 * usual
