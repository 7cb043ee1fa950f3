# SPDX-License-Identifier: MPL-2.0

"""A steady load of polite clients, who connect anew for each request and check each answer.

Each kind of request has a rate of its own, and a thread that keeps to it: one that has to wait for
its answer sends the next one when it has it.
"""

import gzip
import io
import itertools
import threading
import time
import zipfile
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from urllib.parse import urlsplit

from tests.support.symbol_texts import hello

from benchmarks.clients import Exchange
from benchmarks.hostile_clients import Target

TIMEOUT_SECONDS = 5.0  # after which a load balancer would have given up as well
_RATES = {  # requests per second
    "lbheartbeat": 10.0,
    "heartbeat": 5.0,
    "symbolication": 20.0,
    "redirect": 5.0,
    "file": 2.0,
    "upload": 0.5,
}


@dataclass
class Measured:
    """What became of the requests of one kind: seconds of those answered, and why others failed."""

    seconds: list[float] = field(default_factory=list)
    failures: Counter[str] = field(default_factory=Counter)

    def percentile(self, share: float) -> float:
        """Return the milliseconds that this share stayed below; one that failed took for ever."""
        ordered = [*sorted(self.seconds), *[float("inf")] * self.failures.total()]
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1000


@dataclass
class Load:
    """The clients, and what they know: requests with their only right answers, and a symbol file.

    ``file_key`` is the symbol key of a file whose text is ``file_text``.
    """

    target: Target
    exchanges: Sequence[Exchange]
    file_key: str
    file_text: bytes
    _numbers: "itertools.count[int]" = field(default_factory=itertools.count)
    _prefix: str = field(default_factory=lambda: f"{time.time_ns():x}".upper())

    def run(self, seconds: float, kinds: Sequence[str] = tuple(_RATES)) -> dict[str, Measured]:
        """Send requests for so long; return what became of them, by kind."""
        ended = threading.Event()
        with ThreadPoolExecutor(len(kinds)) as pool:
            running = {kind: pool.submit(self._keep_to, kind, ended) for kind in kinds}
            ended.wait(seconds)
            ended.set()
            return {kind: future.result() for kind, future in running.items()}

    def _keep_to(self, kind: str, ended: threading.Event) -> Measured:
        act: Callable[[], None] = getattr(self, f"ask_for_{kind}")
        measured, pause = Measured(), 1 / _RATES[kind]
        due = time.monotonic()
        while not ended.wait(max(0.0, due - time.monotonic())):
            due = max(due + pause, time.monotonic())
            started = time.perf_counter()
            try:
                act()
                measured.seconds.append(time.perf_counter() - started)
            except (OSError, HTTPException, AssertionError) as error:
                measured.failures[f"{type(error).__name__} {error}"[:100].strip()] += 1
        return measured

    def ask_for_lbheartbeat(self) -> None:
        """Ask whether the server is there. Raises AssertionError, OSError, as all of these do."""
        self._expect(200, "GET", "/__lbheartbeat__")

    def ask_for_heartbeat(self) -> None:
        """Ask whether what it needs is there, too."""
        self._expect(200, "GET", "/__heartbeat__")

    def ask_for_symbolication(self) -> None:
        """Ask for frames whose symbols are in memory."""
        body, expected = self.exchanges[next(self._numbers) % len(self.exchanges)]
        _, answer = self._expect(200, "POST", "/symbolicate/v5", body)
        assert answer == expected, "a wrong answer"

    def ask_for_redirect(self) -> None:
        """Ask where a file is."""
        self._expect(302, "GET", f"/{self.file_key}")

    def ask_for_file(self) -> None:
        """Fetch a file, in the form that it is stored in."""
        answer, _ = self._expect(302, "GET", f"/{self.file_key}")
        path = urlsplit(answer.headers["Location"]).path
        answer, stored = self._expect(200, "GET", path, None, {"Accept-Encoding": "gzip"})
        text = gzip.decompress(stored) if answer.headers["Content-Encoding"] == "gzip" else stored
        assert text == self.file_text, "a wrong file"

    def ask_for_upload(self) -> None:
        """Upload a small file that is new."""
        debug_id = f"{self._prefix}{next(self._numbers):X}".rjust(33, "A")
        body, headers = upload_form(
            {f"polite.pdb/{debug_id}/polite.sym": hello("polite.pdb", debug_id)}
        )
        headers["Auth-Token"] = self.target.token
        self._expect(201, "POST", "/upload/", body, headers)

    def _expect(
        self,
        status: int,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: dict[str, str] | None = None,
    ) -> tuple[HTTPResponse, bytes]:
        answer, content = ask(self.target, method, path, body, headers)
        assert answer.status == status, f"{answer.status} {content[:80]!r}"
        return answer, content


def ask(
    target: Target,
    method: str,
    path: str,
    body: bytes | None = None,
    headers: dict[str, str] | None = None,
    timeout: float = TIMEOUT_SECONDS,
) -> tuple[HTTPResponse, bytes]:
    """Send one request on a connection of its own. Raises OSError, HTTPException."""
    connection = connect(target, timeout)
    try:
        connection.request(method, path, body, {"Host": target.host, **(headers or {})})
        answer = connection.getresponse()
        return answer, answer.read()
    finally:
        connection.close()


def connect(target: Target, timeout: float = TIMEOUT_SECONDS) -> HTTPConnection:
    """Return a new connection, with TLS where the target has it."""
    context = target.context()
    if context is None:
        return HTTPConnection(target.address, target.port, timeout=timeout)
    return HTTPSConnection(target.host, target.port, timeout=timeout, context=context)


def upload_form(members: dict[str, str], **fields: str) -> tuple[bytes, dict[str, str]]:
    """Return the body and the headers of an upload of such members, fields after the archive."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as writer:
        for name, text in members.items():
            writer.writestr(name, text)
    parts = [
        b'--polite\r\nContent-Disposition: form-data; name="a.zip"; filename="a.zip"\r\n\r\n',
        archive.getvalue(),
    ]
    for name, value in fields.items():
        part = f'\r\n--polite\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}'
        parts.append(part.encode())
    parts.append(b"\r\n--polite--\r\n")
    return b"".join(parts), {"Content-Type": "multipart/form-data; boundary=polite"}
