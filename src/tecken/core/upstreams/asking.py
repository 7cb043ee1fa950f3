# SPDX-License-Identifier: MPL-2.0

"""Ask another symbol server when it is our turn, and not while it is left alone; receive what it has.

All that is fetched from servers of others goes this way, whoever keeps it: the caches of sources, and the lookup at
Microsoft's.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import NamedTuple

from tecken.core.errors import CrowdedError, StorageUnavailableError
from tecken.core.identifiers import SymbolKey
from tecken.core.locating.source_pauses import SourcePauses
from tecken.core.storage.memory import MemoryBucket
from tecken.core.storage.sources import Source
from tecken.core.upstreams.client import UpstreamClient
from tecken.core.upstreams.layouts import WantedFile
from tecken.core.upstreams.pace import Pace, PaceError
from tecken.core.upstreams.receiving import ReceivingRules, receive

CHECK_SECONDS = 60.0  # load balancers ask for a heartbeat much more often
_TURN_SECONDS = 60.0  # in a queue for the server; who waits for it has given up by then


class Received(NamedTuple):
    """The path at which the server had a file, and what it answered; where it has none, the last of both."""

    path: str
    status: int

    @property
    def is_there(self) -> bool:
        """Whether there is a file."""
        return self.status == HTTPStatus.OK


@dataclass(eq=False)
class AskedServer:
    """One server, how many questions it gets, and what is received of it at most."""

    client: UpstreamClient
    pace: Pace
    receiving: ReceivingRules
    pauses: SourcePauses = field(default_factory=SourcePauses)
    _asked: Source = field(init=False)
    _check_again: float = field(default=0.0, init=False)
    _problem: StorageUnavailableError | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        base = self.client.url.base
        # Pauses are kept by the URL of a source and its keys; this one stands for the server.
        bucket = MemoryBucket(self.name)
        self._asked = Source(self.name, base, bucket, "", True, endpoint_url=base)

    @property
    def name(self) -> str:
        """What messages call it."""
        return self.client.url.name

    @property
    def is_paused(self) -> bool:
        """Whether it is left alone for a moment."""
        return self.pauses.is_paused(self._asked.url)

    def check(self) -> None:
        """Ask it for nothing in particular, once in a while at most. Raises StorageUnavailableError."""
        if time.monotonic() >= self._check_again:
            self._check_again = time.monotonic() + CHECK_SECONDS
            self._problem = None
            try:
                self.client.check()
            except PaceError as error:
                self._problem = self._not_asked(None, error)
            except StorageUnavailableError as error:
                self._problem = error
        if self._problem is not None:
            raise self._problem.with_traceback(None)

    def has(self, wanted: WantedFile, key: SymbolKey) -> bool:
        """Say whether it has a file. Raises StorageUnavailableError."""
        with self._turn(key):
            for url_path in wanted.paths:
                with self.client.ask(url_path) as answer:
                    if answer.is_there:
                        return True
        return False

    def receive(self, wanted: WantedFile, path: Path, key: SymbolKey) -> Received:
        """Write to ``path`` what is at the first path that has something; nothing of it was verified.

        Raises WrongFileError, StorageError.
        """
        found = Received("", HTTPStatus.NOT_FOUND)
        with self._turn(key):
            for url_path in wanted.paths:
                with self.client.ask(url_path) as answer:
                    found = Received(url_path, answer.status)
                    if found.is_there:
                        receive(answer, url_path, path, self.receiving)
                        break
        return found

    @contextmanager
    def _turn(self, key: SymbolKey) -> Iterator[None]:
        """Ask when it is our turn, and not while the server, or this file of it, is left alone."""
        try:
            with self.pace.asking(_TURN_SECONDS), self.pauses.asking(self._asked, key):
                yield
        except PaceError as error:
            raise self._not_asked(str(key), error) from error

    def _not_asked(self, key: str | None, error: PaceError) -> CrowdedError:
        return CrowdedError(self.name, key, f"it is not asked now: {error}")
