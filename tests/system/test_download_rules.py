# SPDX-License-Identifier: MPL-2.0

"""Random uploads, deletions, refreshes and downloads by several clients, against a model.

The model of a file is a history of steps, each of which lasts from the request that makes it to its
answer. An answer is right if it fits the file as it was at some moment while it was under way:
before a step, after it, or, while the step lasts, both.
"""

import math
import random
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urljoin

import requests
from tests.support.started_server import ServerMaker, StartedServer
from tests.support.symbol_texts import hello, write_zip

CLIENTS, FILES = 8, 6
SECONDS, MOST_SECONDS = 2.0, 60.0  # at least, and until everything has happened
KINDS = ("uploaded", "deleted", "regular", "try", "missing", "there", "read")
_TIMEOUT_SECONDS = 60


@dataclass(frozen=True)
class Stored:
    """Where a file lies: with the regular symbols, with those of try builds."""

    regular: bool = False
    in_try: bool = False

    def answer(self, *, with_try: bool) -> str:
        """Return what a download must say."""
        if self.regular:
            return "regular"
        return "try" if self.in_try and with_try else "missing"


@dataclass
class Step:
    """A change of a file; it takes place between the two times."""

    begun: float
    after: Stored
    ended: float = math.inf


@dataclass
class File:
    """A file, and what happened to it. The lock is held while it is changed."""

    number: int
    lock: threading.Lock = field(default_factory=threading.Lock)
    steps: list[Step] = field(default_factory=lambda: [Step(0.0, Stored(), 0.0)])

    @property
    def key(self) -> str:
        return f"rules.pdb/{self.number:032X}1/rules.sym"

    @property
    def text(self) -> str:
        return hello("rules.pdb", f"{self.number:032X}1")

    def states(self, begun: float, ended: float) -> set[Stored]:
        """Return how the file may have been at any moment between two times."""
        steps = list(self.steps)
        before = [step.after for step in steps if step.ended <= begun]
        meanwhile = [step.after for step in steps if step.begun <= ended and step.ended > begun]
        return {before[-1], *meanwhile}


@dataclass
class Checker:
    """What the clients do, and what was wrong."""

    server: StartedServer
    tokens: dict[bool, str]  # by whether they are for try symbols
    folder: Path
    files: list[File] = field(default_factory=lambda: [File(number + 1) for number in range(FILES)])
    wrong: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    def run(self) -> None:
        """Let the clients work for a while."""
        begun = time.monotonic()
        with ThreadPoolExecutor(CLIENTS) as pool:
            for client in [pool.submit(self._client, number, begun) for number in range(CLIENTS)]:
                client.result()

    def _is_over(self, begun: float) -> bool:
        seconds = time.monotonic() - begun
        return seconds > SECONDS and (seconds > MOST_SECONDS or all(map(self.counts.get, KINDS)))

    def _client(self, number: int, begun: float) -> None:
        rng = random.Random(number)
        with requests.Session() as session:
            while not self._is_over(begun):
                file = rng.choice(self.files)
                if rng.random() < 0.1:
                    self._change(file, rng, session)
                else:
                    self._get(file, rng, session)

    def _change(self, file: File, rng: random.Random, session: requests.Session) -> None:
        """Upload a file that is not there, or take it away and say so."""
        if not file.lock.acquire(blocking=False):
            return
        try:
            now, in_try = file.steps[-1].after, rng.random() < 0.5
            there = now.in_try if in_try else now.regular
            after = Stored(now.regular, not there) if in_try else Stored(not there, now.in_try)
            step = Step(time.monotonic(), after)
            file.steps.append(step)
            if there:
                self.server.objects.delete(f"{'try/' if in_try else ''}v1/{file.key}")
                url = f"{self.server.url}/{'try/' if in_try else ''}{file.key}?_refresh"
                session.get(url, allow_redirects=False, timeout=_TIMEOUT_SECONDS)
            else:
                archive = write_zip(
                    self.folder / f"{file.number}-{threading.get_ident()}.zip",
                    {file.key: file.text},
                )
                answer = self.server.upload(archive, self.tokens[in_try])
                if answer.status_code != 201:
                    self.wrong.append(f"an upload was answered {answer.status_code}")
            step.ended = time.monotonic()
            self.counts["deleted" if there else "uploaded"] += 1
        finally:
            file.lock.release()

    def _get(self, file: File, rng: random.Random, session: requests.Session) -> None:
        with_try = rng.random() < 0.5
        path = f"/try/{file.key}" if with_try else f"/{rng.choice(('', 'firefox/'))}{file.key}"
        refresh = rng.random() < 0.1
        method = rng.choice(("GET", "GET", "HEAD"))
        begun = time.monotonic()
        answer = session.request(
            method,
            self.server.url + path + ("?_refresh" if refresh else ""),
            allow_redirects=False,
            timeout=_TIMEOUT_SECONDS,
        )
        states = file.states(begun, time.monotonic())
        right = {state.answer(with_try=with_try) for state in states}
        said = _said(answer)
        self.counts[said] += 1
        if (right == {"missing"}) if said == "there" else (said not in right):
            self.wrong.append(f"{method} {path} {refresh=}: {said}, and right is {right}")
        if answer.is_redirect and rng.random() < 0.3:
            self._follow(file, answer, begun, session)

    def _follow(
        self, file: File, answer: requests.Response, begun: float, session: requests.Session
    ) -> None:
        url = urljoin(answer.url, answer.headers["Location"])
        found = session.get(url, timeout=_TIMEOUT_SECONDS)
        stayed = len(file.states(begun, time.monotonic())) == 1
        if found.status_code == 200:
            self.counts["read"] += 1
            if found.text != file.text:
                self.wrong.append(f"{url} has another text")
        elif stayed:
            self.wrong.append(f"{url} was answered {found.status_code}")


def _said(answer: requests.Response) -> str:
    """Return what an answer means; ``"there"`` of a HEAD, which does not say where."""
    if answer.status_code == 302:
        return "try" if "/try/v1/" in answer.headers["Location"] else "regular"
    return {200: "there", 404: "missing"}.get(answer.status_code, str(answer.status_code))


def test_every_answer_follows_the_rules(make_server: ServerMaker, tmp_path: Path) -> None:
    server = make_server("--workers", "3")
    tokens = {
        False: server.token("upload_symbols"),
        True: server.token("upload_try_symbols", email="try@example.com"),
    }
    checker = Checker(server, tokens, tmp_path)
    checker.run()
    assert checker.wrong == []
    assert all(map(checker.counts.get, KINDS)), checker.counts
    assert "Traceback" not in server.log()
