# SPDX-License-Identifier: MPL-2.0

"""Downloads of symbols that are not there: each one different, against the same with storing off.

``python -m benchmarks.missing [--runs N] [--count N] [--clients N] [--workers N]``

Two servers of the same settings, one of which writes missing symbols down, take turns. Clients ask
on kept connections, each as soon as it has its answer. SQLite and PostgreSQL are measured, the latter
with its durability on. At last every answer must be in the database as one row.
"""

import argparse
import http.client
import itertools
import sqlite3
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles
from urllib.parse import urlsplit

import psycopg
from tests.support import servers

from benchmarks.harness import describe_run
from benchmarks.processes import cpu_seconds
from benchmarks.server import Server

_DURABLE = ("fsync=on", "synchronous_commit=on", "full_page_writes=on")
_ROWS = (
    "SELECT count(*), count(DISTINCT symbol), min(count), max(count) FROM download_missingsymbol"
)
_numbers = itertools.count()


@dataclass
class Asking:
    """Rounds of requests to one server, and what each took."""

    server: Server
    count: int
    clients: int
    times: list[float] = field(default_factory=list)
    cpu_seconds: list[float] = field(default_factory=list)

    def run(self) -> float:
        """Ask for new symbols; return how many a second were answered."""
        numbers = [next(_numbers) for _ in range(self.count)]
        parts = [numbers[client :: self.clients] for client in range(self.clients)]
        cpu, started = cpu_seconds(self.server), time.perf_counter()
        with ThreadPoolExecutor(self.clients) as threads:
            for times in threads.map(self._ask, parts):
                self.times += times
        seconds = time.perf_counter() - started
        self.cpu_seconds.append(cpu_seconds(self.server) - cpu)
        return self.count / seconds

    def _ask(self, numbers: Sequence[int]) -> list[float]:
        times = []
        with closing(http.client.HTTPConnection(urlsplit(self.server.url).netloc)) as connection:
            for number in numbers:
                path = f"/m{number}.pdb/{number:032X}1/m{number}.sym?code_file=m{number}.dll"
                started = time.perf_counter()
                connection.request("GET", path)
                answer = connection.getresponse()
                body = answer.read()
                times.append(time.perf_counter() - started)
                assert (answer.status, body) == (404, b"Symbol Not Found"), (answer.status, body)
        return times

    def describe(self, rates: Sequence[float]) -> str:
        """Return the figures of all rounds."""
        cuts = quantiles(self.times, n=100)
        cpu = median(self.cpu_seconds) / self.count * 1000
        return (
            f"{median(rates):6.0f} a second, p50 {cuts[49] * 1000:5.1f} ms, "
            f"p99 {cuts[98] * 1000:6.1f} ms, {cpu:5.2f} ms of CPU each"
        )


@contextmanager
def database(kind: str) -> Iterator[dict[str, str]]:
    """Yield the settings of a server with such a database."""
    if kind == "SQLite":
        yield {}
        return
    with servers.postgres(None, *_DURABLE) as server:
        yield {"DATABASE_URL": servers.postgres_url(server)}


def rows_of(server: Server) -> tuple[int, ...]:
    """Return how many rows there are, of how many symbols, and the least and greatest count."""
    url = server.settings.get("DATABASE_URL")
    if url is not None:
        with psycopg.connect(url) as postgres:
            row = postgres.execute(_ROWS.encode()).fetchone()
    else:
        with closing(sqlite3.connect(server.data_dir / "tecken.sqlite3")) as connection:
            row = connection.execute(_ROWS).fetchone()
    assert row is not None
    return tuple(row)


def measure(kind: str, options: argparse.Namespace) -> None:
    """Measure one database, and print the figures."""
    with tempfile.TemporaryDirectory() as folder, database(kind) as settings:
        asked = {}
        for name, stores in (("off", "False"), ("on", "True")):
            data_dir = Path(folder) / name
            data_dir.mkdir()
            more = {**settings, "DJANGO_ENABLE_STORE_MISSING_SYMBOLS": stores}
            server = Server(data_dir, options.workers, settings=more)
            server.start()
            asked[name] = Asking(server, options.count, options.clients)
        rates: dict[str, list[float]] = {name: [] for name in asked}
        for _ in range(options.runs):
            for name, asking in asked.items():
                rates[name].append(asking.run())
        for asking in asked.values():
            asking.server.stop()
        count = options.count * options.runs
        assert rows_of(asked["on"].server) == (count, count, 1, 1), rows_of(asked["on"].server)
        for name, asking in asked.items():
            print(f"{kind:10}  storing {name:3}  {asking.describe(rates[name])}")
        ratio = median(asked["on"].cpu_seconds) / median(asked["off"].cpu_seconds)
        print(f"{kind:10}  storing costs {ratio:.2f} x the CPU time; all {count} rows are there")


def main() -> None:
    """Measure both databases."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--count", type=int, default=6000, help="requests of a round")
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    print(describe_run(bytes(range(256)) * 100_000))
    for kind in ("SQLite", "PostgreSQL"):
        measure(kind, options)


if __name__ == "__main__":
    main()
