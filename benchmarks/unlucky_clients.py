# SPDX-License-Identifier: MPL-2.0

"""What goes on in ``benchmarks.unlucky``: polite clients, hostile ones, and whoever kills workers."""

import gzip
import json
import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from http.client import HTTPException, HTTPResponse
from urllib.parse import urlsplit

from tests.support.costly_symbols import equal_ranges, nested_calls, zeros
from tests.support.hostile_bodies import KINDS as KINDS_OF_BODIES
from tests.support.symbol_texts import large

from benchmarks.hostile_clients import Target
from benchmarks.hostile_crowd import crowd
from benchmarks.hostile_kinds import KINDS
from benchmarks.limited_server import LimitedServer, ServerEndedError
from benchmarks.polite import ask, upload_form

KINDS_AT_ONCE = 3
TURN_SECONDS = 20.0  # of three kinds
SERVED_WITHIN_SECONDS = 120.0
_TIMEOUT_SECONDS = 60.0
_FUNCTIONS = 300  # of each uploaded file; ``large`` lays them 0x40 apart from 0x1000 on
FRAMES = 40
_FIRST_NUMBER = 10
COSTLY = {
    "frames in equal ranges": equal_ranges().job(0, 1_000),
    "frames in nested calls": nested_calls().job(0, 2_000),
}
_HONEST = {429, 503}
_REFUSED = {200, 201, 400, 413}


class UnservedError(Exception):
    """Nobody answered a polite client, however often it tried."""


@dataclass
class Unlucky:
    """What is under way, and what became of it.

    ``counts`` has requests by kind and outcome; ``faults`` the sentences about what must not be.
    """

    target: Target
    server: LimitedServer
    counts: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    uploaded: list[int] = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)
    _next: int = _FIRST_NUMBER
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, what: str) -> None:
        """Count something."""
        with self._lock:
            self.counts[what] += 1

    def fault(self, sentence: str) -> None:
        """Note what must not be."""
        with self._lock:
            self.faults.append(f"{time.strftime('%H:%M:%S')} {sentence[:300]}")
        print(f"  {sentence[:300]}", flush=True)

    # What polite clients do

    def be_served(
        self,
        kind: str,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: dict[str, str] | None = None,
    ) -> tuple[HTTPResponse, bytes]:
        """Ask until somebody answers with more than "later".

        Raises UnservedError, ServerEndedError.
        """
        deadline = time.monotonic() + SERVED_WITHIN_SECONDS
        while time.monotonic() < deadline:
            self.server.check()
            try:
                answer, content = ask(self.target, method, path, body, headers, _TIMEOUT_SECONDS)
            except TimeoutError:
                self.note(f"{kind}: timed out")
            except (OSError, HTTPException):
                self.note(f"{kind}: cut")
                time.sleep(0.2)
            else:
                self.note(f"{kind}: {answer.status}")
                if answer.status not in _HONEST:
                    return answer, content
                if "Retry-After" not in answer.headers:
                    self.fault(f"{kind}: {answer.status} without Retry-After: {content!r}")
                time.sleep(min(2.0, float(answer.headers.get("Retry-After", 1))))
        raise UnservedError(f"{kind}: not served for {SERVED_WITHIN_SECONDS:.0f} s")

    def upload(self, rng: random.Random) -> None:
        """Upload a file that is new."""
        with self._lock:
            number, self._next = self._next, self._next + 1
        body, headers = upload_form(dict([large(number, _FUNCTIONS)]))
        headers["Auth-Token"] = self.target.token
        answer, content = self.be_served("upload", "POST", "/upload/", body, headers)
        if answer.status == 201:
            self.uploaded.append(number)
        else:
            self.fault(f"upload {number}: {answer.status} {content!r}")
        self.ended.wait(rng.uniform(0.1, 0.5))

    def download(self, rng: random.Random) -> None:
        """Fetch a file that was uploaded, byte for byte."""
        if self.uploaded:
            self.check_file("download", rng.choice(self.uploaded))
        self.ended.wait(rng.uniform(0.05, 0.2))

    def check_file(self, kind: str, number: int) -> None:
        """Note a fault unless an uploaded file is there, and is what was uploaded."""
        key, text = large(number, _FUNCTIONS)
        answer, _ = self.be_served(kind, "GET", f"/{key}")
        if answer.status != 302:
            self.fault(f"{kind}: upload {number} is lost: {answer.status}")
            return
        path = urlsplit(answer.headers["Location"]).path
        answer, stored = self.be_served(kind, "GET", path, None, {"Accept-Encoding": "gzip"})
        packed = answer.headers["Content-Encoding"] == "gzip"
        if answer.status != 200 or (gzip.decompress(stored) if packed else stored) != text.encode():
            self.fault(f"{kind}: upload {number} is not what it was: {answer.status}")

    def symbolicate(self, rng: random.Random) -> None:
        """Ask for frames in a file that was uploaded."""
        if self.uploaded:
            number = rng.choice(self.uploaded)
            locations = [rng.randrange(_FUNCTIONS) for _ in range(FRAMES)]
            debug_file, debug_id, _ = large(number, 0)[0].split("/")
            stack = [[0, 0x1000 + location * 0x40 + 4] for location in locations]
            body = {"memoryMap": [[debug_file, debug_id]], "stacks": [stack]}
            sent = json.dumps(body).encode()
            answer, content = self.be_served("symbolication", "POST", "/symbolicate/v5", sent)
            expected = [
                f"ns{number}::function_{location * 7919 % 10007}(int)" for location in locations
            ]
            if answer.status != 200 or _functions(content) != expected:
                self.fault(f"symbolication in {number}: {answer.status} {content[:200]!r}")
        self.ended.wait(rng.uniform(0.02, 0.1))

    def beat(self, rng: random.Random) -> None:
        """Ask as a load balancer does."""
        answer, content = self.be_served("heartbeat", "GET", "/__lbheartbeat__")
        if answer.status != 200:
            self.fault(f"heartbeat: {answer.status} {content!r}")
        self.ended.wait(0.2)

    # What the others do

    def be_hostile(self, rng: random.Random, clients: int) -> None:
        """Let some kinds of hostile clients try, and then others."""
        kinds = list(KINDS)
        rng.shuffle(kinds)
        for at in range(0, len(kinds), KINDS_AT_ONCE):
            with ExitStack() as crowds:
                for kind in kinds[at : at + KINDS_AT_ONCE]:
                    crowds.enter_context(crowd(kind, self.target, clients // KINDS_AT_ONCE))
                    self.note(f"crowd: {kind}")
                if self.ended.wait(TURN_SECONDS):
                    return

    def send_body(self, rng: random.Random) -> None:
        """Send a body, or an archive, that costs more than it weighs."""
        what = rng.choice([*KINDS_OF_BODIES, *COSTLY, "zeros"])
        path, headers = "/symbolicate/v5", dict[str, str]()
        if what == "zeros":
            path, (body, headers) = "/upload/", _form_of(zeros())
            headers["Auth-Token"] = self.target.token
        elif what in COSTLY:
            body = json.dumps(COSTLY[what]).encode()
        else:
            body = KINDS_OF_BODIES[what]()
        kind = f"hostile body: {what}"
        try:
            answer, content = ask(self.target, "POST", path, body, headers, SERVED_WITHIN_SECONDS)
        except (OSError, HTTPException) as error:
            self.note(f"{kind}: {type(error).__name__}")
        else:
            self.note(f"{kind}: {answer.status}")
            if answer.status not in _REFUSED | _HONEST:
                self.fault(f"{kind}: {answer.status} {content[:200]!r}")
        self.ended.wait(1)

    def kill(self, rng: random.Random, seconds: tuple[float, float]) -> None:
        """Wait for about so long, and kill a worker, whatever it does."""
        if self.ended.wait(rng.uniform(*seconds)):
            return
        if self.server.kill_a_worker(rng):
            self.note("kill")
        else:
            self.fault("the server has no worker")

    def until_the_end(self, act: Callable[[random.Random], None], seed: int) -> None:
        """Do something again and again. A polite client that nobody serves is a fault."""
        rng = random.Random(seed)
        while not self.ended.is_set():
            try:
                act(rng)
                self.server.check()
            except UnservedError as error:
                self.fault(str(error))
            except ServerEndedError:
                break
        self.ended.set()


def _functions(content: bytes) -> list[str | None]:
    with suppress(ValueError, LookupError):
        [frames] = json.loads(content)["results"][0]["stacks"]
        return [frame.get("function") for frame in frames]
    return []


def _form_of(archive: bytes) -> tuple[bytes, dict[str, str]]:
    """Return the body and the headers of an upload of an archive that is made already."""
    head = b'--unlucky\r\nContent-Disposition: form-data; name="z.zip"; filename="z.zip"\r\n\r\n'
    headers = {"Content-Type": "multipart/form-data; boundary=unlucky"}
    return head + archive + b"\r\n--unlucky--\r\n", headers
