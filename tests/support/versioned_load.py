# SPDX-License-Identifier: MPL-2.0

"""Clients that upload, symbolicate and download at once, over one node or several.

Everything they are told is checked by a ``Ledger``. A client that cannot connect to a node goes to
the next one, as a load balancer does; nothing else is tried again.
"""

import io
import itertools
import os
import random
import threading
import time
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import urljoin

import requests
from tests.support.started_server import wait_until
from tests.support.versions import FUNCTIONS, LINES, Answer, Ledger, VersionedFile, versions_in
from urllib3.exceptions import NewConnectionError

# A full load takes minutes; what CI does of it finds the same faults in a shorter time.
FULL_LOAD = os.environ.get("TECKEN_TEST_FULL_LOAD") == "true"
FILES = 60  # of a load
_ADDRESSES = [0x1000 + place * 0x40 + 0x18 for place in range(0, FUNCTIONS, 25)]
_RECENT = 12  # the files that were just stored are asked for most
_TIMEOUT_SECONDS = 120
# Between two requests of a client that goes on until it is stopped: what else happens needs the processor as well.
_LONGEST_PAUSE_SECONDS = 0.2


class Node(Protocol):
    """A server that clients know the URL of, as long as it runs."""

    url: str


@dataclass
class Load:
    """What clients do, and what they saw: ``counts`` by kind, ``failures`` with their reasons.

    Loads on the same nodes must not share files: ``first_file`` is the number of the first one.
    """

    nodes: Sequence[Node]
    token: str
    ledger: Ledger = field(default_factory=Ledger)
    files: int = FILES
    first_file: int = 0
    keep_alive: bool = True
    counts: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    _busy: set[VersionedFile] = field(default_factory=set)
    _recent: list[VersionedFile] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _turns: Iterator[int] = field(default_factory=itertools.count)

    def run(self, uploads: int, lookups: int, clients: int = 8) -> None:
        """Do so many of each in a mixed order. Half of the lookups are downloads."""
        kinds = ["upload"] * uploads + ["symbolicate"] * (lookups // 2)
        kinds += ["download"] * (lookups - lookups // 2)
        random.shuffle(kinds)
        waiting = iter(kinds)
        self._at_once(clients, lambda client: self._work(client, waiting))

    @contextmanager
    def running(
        self, clients: int = 8, uploads: float = 0.1, pause: float = _LONGEST_PAUSE_SECONDS
    ) -> Iterator[None]:
        """Keep clients busy until the block ends; ``uploads`` is the share of uploads."""
        stop = threading.Event()
        weights = [uploads, (1 - uploads) / 2, (1 - uploads) / 2]
        kinds = ["upload", "symbolicate", "download"]

        def work(client: "_Client") -> None:
            while not stop.wait(random.uniform(0, pause)):
                self._work(client, iter(random.choices(kinds, weights)))

        thread = threading.Thread(target=self._at_once, args=(clients, work))
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()

    def _at_once(self, clients: int, work: "Callable[[_Client], None]") -> None:
        with ExitStack() as opened:
            made = [opened.enter_context(_Client(self)) for _ in range(clients)]
            threads = [threading.Thread(target=work, args=(client,)) for client in made]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()

    def _work(self, client: "_Client", kinds: Iterator[str]) -> None:
        for kind in iter(lambda: next(kinds, ""), ""):
            try:
                getattr(client, kind)()
                outcome = kind
            except (requests.RequestException, AssertionError) as error:
                outcome = f"{kind} failed"
                with self._lock:
                    self.failures.append(f"{kind}: {type(error).__name__}: {str(error)[:500]}")
            with self._lock:
                self.counts[outcome] += 1

    def go_on_for(self, requests: int) -> None:
        """Wait until the clients have got so many more answers, or failures in place of them."""
        goal = self._done() + requests
        wait_until(lambda: self._done() >= goal, f"clients have done {requests} requests more")

    def _done(self) -> int:
        with self._lock:
            return self.counts.total() - self.counts["refused"]

    def turn(self) -> list[Node]:
        """Return all nodes, beginning with the one whose turn it is."""
        with self._lock:
            start = next(self._turns) % len(self.nodes)
        return [*self.nodes[start:], *self.nodes[:start]]

    @contextmanager
    def some_to_upload(self) -> Iterator[list[VersionedFile]]:
        """Take up to three files that nobody else uploads now."""
        with self._lock:
            free = [file for file in self._all_files() if file not in self._busy]
            taken = random.sample(free, min(len(free), random.randint(1, 3)))
            self._busy |= set(taken)
        try:
            yield taken
        finally:
            with self._lock:
                self._busy -= set(taken)
                self._recent = [*taken, *self._recent][:_RECENT]

    def some_to_look_up(self, count: int) -> list[VersionedFile]:
        """Return files, most of them stored or being stored just now, some not stored yet."""
        with self._lock:
            likely = [*self._recent, *self._busy]
        likely += random.sample(self._all_files(), 4)
        return random.sample(list(dict.fromkeys(likely)), count)

    def _all_files(self) -> list[VersionedFile]:
        return [VersionedFile(self.first_file + number) for number in range(self.files)]


class _Client(requests.Session):
    """One of the clients, which asks one thing after the other."""

    def __init__(self, load: Load) -> None:
        super().__init__()
        self._load = load
        if not load.keep_alive:
            self.headers["Connection"] = "close"

    def upload(self) -> None:
        load = self._load
        with load.some_to_upload() as files, ExitStack() as stored:
            versions = [stored.enter_context(load.ledger.storing(file)) for file in files]
            archive = _zip({f.key: f.text(v) for f, v in zip(files, versions, strict=True)})
            answer = self._ask(
                "POST",
                "/upload/",
                files={"symbols.zip": archive},
                headers={"Auth-Token": load.token},
            )
            assert answer.status_code == 201, f"{answer.status_code} {answer.text}"
            stored_keys = {file["key"] for file in answer.json()["upload"]["files"]}
            assert stored_keys == {f"v1/{file.key}" for file in files}

    def symbolicate(self) -> None:
        files = self._load.some_to_look_up(random.randint(1, 3))
        job = {
            "memoryMap": [[file.debug_file, file.debug_id] for file in files],
            "stacks": [[[index, at] for index in range(len(files)) for at in _ADDRESSES]],
        }
        began = time.monotonic()
        answer = self._ask("POST", "/symbolicate/v5", json=job)
        ended = time.monotonic()
        assert answer.status_code == 200, f"{answer.status_code} {answer.text}"
        [frames] = answer.json()["results"][0]["stacks"]
        for file in files:
            own = [frame for frame in frames if frame["module"] == file.debug_file]
            found = [frame for frame in own if "function" in frame]
            assert len(own) == len(_ADDRESSES)
            assert len(found) in {0, len(own)}, "some frames of a module are without a function"
            versions = versions_in(file.number, str(found))
            where = f"symbolicated by {answer.url}"
            self._load.ledger.check(Answer(file, began, ended, versions, where))

    def download(self) -> None:
        [file] = self._load.some_to_look_up(1)
        began = time.monotonic()
        answer = self._ask("GET", f"/{file.key}", allow_redirects=False)
        assert answer.status_code in {302, 404}, f"{answer.status_code} {answer.text}"
        where = f"downloaded from {answer.url}"
        versions: set[int] = set()
        if answer.status_code == 302:
            answer = self.get(
                urljoin(answer.url, answer.headers["Location"]), timeout=_TIMEOUT_SECONDS
            )
            assert answer.status_code == 200, f"{answer.status_code} {answer.text}"
            assert answer.text.count("\n") == LINES
            versions = versions_in(file.number, answer.text)
        self._load.ledger.check(Answer(file, began, time.monotonic(), versions, where))

    def _ask(self, method: str, path: str, **arguments: object) -> requests.Response:
        for node in self._load.turn():
            try:
                return self.request(
                    method,
                    node.url + path,
                    timeout=_TIMEOUT_SECONDS,
                    **arguments,  # type: ignore[arg-type]
                )
            except requests.ConnectionError as error:
                if not _was_refused(error):
                    raise
                self._load.counts["refused"] += 1
        raise requests.ConnectionError("no node takes connections")


def _was_refused(error: requests.ConnectionError) -> bool:
    """Say whether nothing was sent, so that asking another node is safe."""
    [cause] = error.args[:1] or [None]
    return isinstance(getattr(cause, "reason", None), NewConnectionError)


def _zip(members: dict[str, str]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, text in members.items():
            archive.writestr(name, text)
    return packed.getvalue()
