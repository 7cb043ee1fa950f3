# SPDX-License-Identifier: MPL-2.0

"""Short requests over one kept connection, in turns: how long they take, and what they cost the server."""

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

from tests.support import servers
from tests.support.servers import S3, Server
from tests.support.started_server import StartedServer

_TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


@dataclass
class Run:
    """What one way of answering took: seconds of each request, and CPU seconds of the server."""

    seconds: list[float] = field(default_factory=list)
    cpu_seconds: float = 0.0

    def at(self, share: float) -> float:
        """Return the milliseconds that this share of the requests stayed below."""
        return sorted(self.seconds)[int(len(self.seconds) * share)] * 1000

    def describe(self) -> str:
        """Return the figures."""
        count = len(self.seconds)
        return (
            f"{count / sum(self.seconds):6.0f} requests/s, p50 {self.at(0.5):.3f} ms,"
            f" p99 {self.at(0.99):.3f} ms, CPU {self.cpu_seconds / count * 1000:.3f} ms"
        )


def ask_in_turns(
    server: StartedServer, paths: Mapping[str, int], rounds: int, requests: int
) -> list[Run]:
    """Ask for paths so often in each round, after one that does not count; each has the status that it must answer."""
    connection = HTTPConnection(urlsplit(server.url).netloc)
    runs = [Run() for _ in paths]
    for path, status in paths.items():
        _ask(connection, path, status, requests, Run())
    for _ in range(rounds):
        for (path, status), run in zip(paths.items(), runs, strict=True):
            before = cpu_seconds(server)
            _ask(connection, path, status, requests, run)
            run.cpu_seconds += cpu_seconds(server) - before
    return runs


def _ask(connection: HTTPConnection, path: str, status: int, count: int, run: Run) -> None:
    for _ in range(count):
        begun = time.perf_counter()
        connection.request("GET", path)
        answer = connection.getresponse()
        answer.read()
        run.seconds.append(time.perf_counter() - begun)
        assert answer.status == status, (path, answer.status)
        assert status != 302 or answer.headers["Location"], path


def cpu_seconds(server: StartedServer) -> float:
    """Return the CPU time that the server and its workers have taken so far."""
    assert server.process is not None
    processes = [server.process.pid]
    for process in processes:
        for children in Path(f"/proc/{process}/task").glob("*/children"):
            processes += map(int, children.read_text().split())
    ticks = 0
    for process in processes:
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / _TICKS_PER_SECOND


def far_settings(s3: S3, endpoint: str, redis: Server) -> dict[str, str]:
    """Return the settings of a server whose bucket and cache are on other servers."""
    return {
        "REDIS_URL": servers.redis_url(redis),
        "DJANGO_SYMBOL_URLS": f"{endpoint}/symbols",
        "AWS_ACCESS_KEY_ID": s3.access_key,
        "AWS_SECRET_ACCESS_KEY": s3.secret_key,
    }
