# SPDX-License-Identifier: MPL-2.0

"""What small requests cost, here and with the code of another checkout, in turns.

``python -m benchmarks.small_requests --before CHECKOUT --python PYTHON [--rounds N]``

PYTHON has what CHECKOUT needs. Each server has one worker, and one client with one connection that
waits for each answer before it asks again. Printed are p50 and p99 of all rounds in milliseconds.
"""

import argparse
import json
import os
import socket
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from tests.support.symbol_texts import HELLO_ID, hello, write_zip

from benchmarks.harness import describe_run
from benchmarks.server import Server

_EACH = 600  # requests of a kind in a round
_FRAMES = (1, 40)


@dataclass
class OtherServer(Server):
    """The server of another checkout, run by an interpreter that has what it needs."""

    python: str = sys.executable
    checkout: Path = Path()

    def program(self) -> Sequence[str]:
        """Return what runs the commands of that checkout."""
        return [self.python, "-c", "from tecken.commands.main import main; main()"]

    def environment(self) -> dict[str, str]:
        """Return the environment in which that checkout is found first."""
        return {**super().environment(), "PYTHONPATH": str(self.checkout / "src")}


class Client:
    """One connection that is kept."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._socket = socket.create_connection((parts.hostname, parts.port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(self, request: bytes) -> float:
        """Return the seconds until the whole answer is there. Raises ValueError unless it is 200."""
        began = time.perf_counter()
        self._socket.sendall(request)
        answer = b""
        while b"\r\n\r\n" not in answer:
            answer += self._socket.recv(65536)
        head, _, body = answer.partition(b"\r\n\r\n")
        fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:])
        size = len(body)
        while size < int(fields[b"content-length"]):
            size += len(self._socket.recv(65536))
        if not head.startswith(b"HTTP/1.1 200"):
            raise ValueError(answer.decode("latin-1"))
        return time.perf_counter() - began


def _requests() -> dict[str, bytes]:
    found = {"empty view": b"GET /__lbheartbeat__ HTTP/1.1\r\nHost: localhost\r\n\r\n"}
    for count in _FRAMES:
        frames = [[0, 0x1000 + at] for at in range(count)]
        body = json.dumps({"memoryMap": [["hello.pdb", HELLO_ID]], "stacks": [frames]}).encode()
        head = (
            "POST /symbolicate/v5 HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        )
        found[f"{count} frames"] = f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body
    return found


def _percentile(seconds: list[float], share: float) -> float:
    return sorted(seconds)[int(share * (len(seconds) - 1))] * 1000


def measure(servers: dict[str, Server], rounds: int) -> None:
    """Ask the servers in turns, and print what it took."""
    clients = {name: Client(server.url) for name, server in servers.items()}
    requests = _requests()
    for client in clients.values():
        for request in requests.values():
            for _ in range(_EACH // 4):
                client.ask(request)
    seconds: dict[tuple[str, str], list[float]] = defaultdict(list)
    for _ in range(rounds):
        for what, request in requests.items():
            for name, client in clients.items():
                seconds[what, name] += [client.ask(request) for _ in range(_EACH)]
    for what in requests:
        columns = [
            f"{name} {_percentile(taken, 0.5):.3f} (p99 {_percentile(taken, 0.99):.3f})"
            for name in servers
            for taken in (seconds[what, name],)
        ]
        print(f"{what:12}  {'   '.join(columns)}")


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--before", type=Path, help="another checkout")
    parser.add_argument("--python", default=sys.executable, help="an interpreter for it")
    parser.add_argument("--rounds", type=int, default=7)
    given = parser.parse_args()
    print(describe_run(hello().encode() * 20_000), os.getloadavg())
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        root = Path(folder)
        archive = write_zip(root / "hello.zip", {f"hello.pdb/{HELLO_ID}/hello.sym": hello()})
        servers: dict[str, Server] = {}
        if given.before:
            (root / "before").mkdir()
            servers["before"] = OtherServer(
                root / "before", python=given.python, checkout=given.before.resolve()
            )
        (root / "now").mkdir()
        servers["now"] = Server(root / "now")
        for server in servers.values():
            stack.enter_context(server)
            server.upload(archive, server.make_token())
        measure(servers, given.rounds)


if __name__ == "__main__":
    main()
