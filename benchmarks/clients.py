# SPDX-License-Identifier: MPL-2.0

"""Clients of symbolication that measure how long an answer takes, and how many come per second."""

import multiprocessing
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http.client import HTTPConnection
from urllib.parse import urlsplit

Reply = tuple[float, bytes]  # the seconds until the last byte of an answer, and the answer
Exchange = tuple[bytes, bytes]  # a request's body, and the only right answer

_KEPT_SECONDS = 2  # of an idle connection


class Client:
    """One connection to a server, kept open."""

    def __init__(self, url: str, headers: Mapping[str, str] | None = None) -> None:
        self.url = url
        self._headers = headers or {}
        self.phases: dict[str, float] = {}  # the server's milliseconds of the last answer
        self._connection = HTTPConnection(urlsplit(url).netloc, timeout=120)
        self._asked = time.perf_counter()

    def ask(self, body: bytes) -> Reply:
        """Send a v5 request and wait for the whole answer."""
        if time.perf_counter() - self._asked > _KEPT_SECONDS:
            self._connection.close()  # the server has, or is about to
            self._connection.connect()
        started = time.perf_counter()
        self._connection.request("POST", "/symbolicate/v5", body, self._headers)
        response = self._connection.getresponse()
        answer = response.read()
        self._asked = time.perf_counter()
        seconds = self._asked - started
        assert response.status == 200, answer[:500]
        timings = re.findall(r"(\w+);dur=([0-9.]+)", response.headers.get("Server-Timing", ""))
        self.phases = {phase: float(milliseconds) for phase, milliseconds in timings}
        return seconds, answer


@dataclass(frozen=True)
class Percentiles:
    """Percentiles of seconds. Of fewer than a hundred, ``p99`` is the longest."""

    p50: float
    p95: float
    p99: float

    @classmethod
    def of(cls, values: Sequence[float]) -> "Percentiles":
        """Take the values at these shares of a sorted list, without interpolation."""
        ordered = sorted(values)
        last = len(ordered) - 1
        return cls(*(ordered[min(last, int(len(ordered) * share))] for share in (0.5, 0.95, 0.99)))

    def __str__(self) -> str:
        return " ".join(f"{seconds * 1000:8.2f}" for seconds in (self.p50, self.p95, self.p99))


def requests_per_second(
    url: str, exchanges: Sequence[Exchange], clients: int, seconds: float
) -> float:
    """Let so many processes ask one request after the other; every answer is compared."""
    with multiprocessing.get_context("fork").Pool(clients) as pool:
        work = [(url, exchanges[number::clients], seconds) for number in range(clients)]
        return sum(pool.starmap(_rate, work))


def _rate(url: str, exchanges: Sequence[Exchange], seconds: float) -> float:
    client, count, started = Client(url), 0, time.perf_counter()
    while (elapsed := time.perf_counter() - started) < seconds:
        body, expected = exchanges[count % len(exchanges)]
        _, answer = client.ask(body)
        assert answer == expected
        count += 1
    return count / elapsed
