# SPDX-License-Identifier: MPL-2.0

"""A real UDP listener sees every documented metric, and no other, in what an installation does."""

import gzip
import re
import shutil
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from mypy_boto3_s3 import S3Client
from tests.support import servers
from tests.support.proxy import HttpProxy
from tests.support.servers import Server
from tests.support.started_server import StartedServer, wait_until
from tests.support.started_worker import StartedWorker
from tests.support.symbol_servers import web_server
from tests.support.symbol_texts import HELLO_ID, hello, write_zip
from tests.system.conftest import Form

REPOSITORY = Path(__file__).parents[2]
PROGRAM = REPOSITORY / "tests" / "support" / "watched_tasks.py"
OURS = f"ours.pdb/{HELLO_ID}/ours.sym"
WORLDS = f"worlds.pdb/{HELLO_ID}/worlds.sym"
THEIRS = f"theirs.pdb/{HELLO_ID}/theirs.sym"
NAMES = "[A-Za-z0-9_.-]+"
OUTCOMES = ("done", "failed")


class Listener:
    """Takes what a statsd server would."""

    def __init__(self) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.seen: dict[str, str] = {}
        self.thread = threading.Thread(target=self._listen, daemon=True)
        self.thread.start()

    def _listen(self) -> None:
        while data := self.socket.recv(65536):
            for line in data.decode().splitlines():
                key, _, value = line.partition(":")
                self.seen[key] = value.partition("|")[2]

    def close(self) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.sendto(b"", ("127.0.0.1", self.port))
        self.thread.join()
        self.socket.close()

    def saw(self, pattern: str) -> bool:
        return any(re.fullmatch(pattern, key) for key in list(self.seen))


def documented() -> dict[str, str]:
    """The keys of the document as expressions, with the letter that statsd has for their kind."""
    text = (REPOSITORY / "docs" / "monitoring.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `tecken_[^`]+` \| `([^`]+)` \| (counter|timer) \|", text, re.MULTILINE)
    kinds = {"counter": "c", "timer": "ms"}
    return {
        "tecken." + re.sub(r"\\{\w+\\}", NAMES, re.escape(key)): kinds[kind] for key, kind in rows
    }


@pytest.fixture
def listener() -> Iterator[Listener]:
    listener = Listener()
    yield listener
    listener.close()


@pytest.fixture
def installation(
    scale_out: Form, listener: Listener, own_redis: Server, s3_proxy: HttpProxy, tmp_path: Path
) -> Iterator[StartedServer]:
    """A server with one worker process, whose S3 and Redis can be taken from it, and another server behind it."""
    server = StartedServer(tmp_path / "data", program=(sys.executable, PROGRAM))
    scale_out(server)
    other = tmp_path / "other" / WORLDS
    other.parent.mkdir(parents=True)
    other.write_text(hello("worlds.pdb"))
    with web_server(tmp_path / "other") as url:
        bucket = server.settings["DJANGO_SYMBOL_URLS"].rpartition("/")[2]
        server.settings |= {
            "DJANGO_SYMBOL_URLS": f"{s3_proxy.url}/{bucket},{url}?layout=breakpad",
            "DJANGO_STATSD_HOST": "127.0.0.1",
            "DJANGO_STATSD_PORT": str(listener.port),
            "DJANGO_STATSD_NAMESPACE": "tecken",
            "REDIS_URL": servers.redis_url(own_redis),
        }
        server.start("--workers", "1")
        yield server
        server.stop(signal.SIGKILL)


def symbolicate(server: StartedServer, *modules: str, version: int = 5) -> int:
    job = {
        "memoryMap": [[module, HELLO_ID] for module in modules],
        "stacks": [[[number, 0x1014]] for number in range(len(modules))],
        "version": version,
    }
    return requests.post(f"{server.url}/symbolicate/v{version}", json=job, timeout=60).status_code


def use(server: StartedServer, folder: Path) -> None:
    """Upload, download and symbolicate, some of it in vain."""
    token = server.token("upload_symbols")
    archive = write_zip(folder / "a.zip", {OURS: hello("ours.pdb"), "hello-symbols.txt": "ours"})
    assert server.upload(archive, token).status_code == 201
    assert server.upload(archive, token).status_code == 201
    bad = write_zip(folder / "bad.zip", {"nowhere": "text"})
    assert server.upload(bad, token).status_code == 400
    asked = {OURS: 302, WORLDS: 302, f"no{OURS}": 404, f"a.pdb/{HELLO_ID}/file.ptr": 404}
    for path, status in asked.items():
        answer = requests.get(f"{server.url}/{path}", allow_redirects=False, timeout=60)
        assert answer.status_code == status
    assert symbolicate(server, "ours.pdb", "none.pdb") == 200
    assert symbolicate(server, "ours.pdb", version=4) == 200
    send_no_request(server)


def send_no_request(server: StartedServer) -> None:
    host, port = server.url.rpartition("/")[2].split(":")
    with socket.create_connection((host, int(port)), 60) as client:
        client.sendall(b"no request\r\n\r\n")
        assert client.recv(12) == b"HTTP/1.1 400"


def use_all_tiers(server: StartedServer) -> None:
    """Symbolicate with a symbol file that has no index: it goes through the node's and the store's."""
    for _ in range(2):  # built, then opened from the folder by another process
        assert symbolicate(server, "theirs.pdb") == 200
        server.stop()
        server.start("--workers", "1")
    for index in (server.data_dir / "symbolication").glob("*.index"):
        index.write_bytes(b"damaged")
    assert symbolicate(server, "theirs.pdb") == 200


def lose_a_miss(server: StartedServer) -> None:
    """Ask for what is missing while the folder of journals cannot be written to."""
    folder = server.data_dir / "misses"
    shutil.rmtree(folder)
    folder.write_text("no folder")
    lost = requests.get(f"{server.url}/lost.pdb/{HELLO_ID}/lost.sym", timeout=60)
    assert lost.status_code == 404


def test_every_documented_metric_is_seen_and_no_other(
    installation: StartedServer,
    listener: Listener,
    own_redis: Server,
    s3_proxy: HttpProxy,
    s3_client: S3Client,
    tmp_path: Path,
) -> None:
    server = installation
    bucket = server.settings["DJANGO_SYMBOL_URLS"].partition(",")[0].rpartition("/")[2]
    theirs = gzip.compress(hello("theirs.pdb").encode())
    s3_client.put_object(Bucket=bucket, Key=f"v1/{THEIRS}", Body=theirs, ContentEncoding="gzip")
    use(server, tmp_path)
    use_all_tiers(server)
    lose_a_miss(server)

    worker = StartedWorker(server)
    worker.start()
    try:
        (tmp_path / "go").touch()
        for folder in (tmp_path, tmp_path / "missing"):  # where it cannot write
            assert server.command("enqueue", str(folder), "1").returncode == 0
        wait_until(
            lambda: all(listener.saw(rf"tecken\.tasks\.{o}\.tests\.watched") for o in OUTCOMES),
            "a task has ended well, and one has not",
        )
    finally:
        worker.stop(signal.SIGKILL)

    s3_proxy.refuse()
    assert requests.get(f"{server.url}/b{OURS}", timeout=60).status_code == 503
    own_redis.stop()
    assert requests.post(f"{server.url}/__task_tester__", timeout=60).status_code == 201

    expected = documented()
    wait_until(
        lambda: all(listener.saw(pattern) for pattern in expected),
        f"all of {expected} were seen, not only {listener.seen}",
        20,
    )
    for tier in ("memory", "node", "shared"):
        for outcome in ("hit", "miss"):
            assert listener.saw(rf"tecken\.tiers\.{tier}\.{outcome}"), (tier, outcome)
    assert listener.saw(r"tecken\.tiers\.node\.damaged")
    unlisted = {
        key: kind
        for key, kind in listener.seen.items()
        if not any(re.fullmatch(p, key) and kind == k for p, k in expected.items())
    }
    assert not unlisted


def test_where_nothing_is_sent_the_keys_are_noted(tmp_path: Path) -> None:
    server = StartedServer(tmp_path / "data", workers=1)
    server.begin()
    try:
        assert requests.get(f"{server.url}/a.pdb/{HELLO_ID}/a.sym", timeout=60).status_code == 404
    finally:
        server.stop()
    listed = server.command("metrics")
    assert listed.returncode == 0
    found = {key: int(count) for count, key in map(str.split, listed.stdout.splitlines())}
    assert found["download.missing"] == 1
    assert found["http.4xx"] == 1
