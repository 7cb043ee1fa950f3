# SPDX-License-Identifier: MPL-2.0

"""Which process of a fleet fetches a file: a claim with a lease, in the cache that all nodes share.

The processes of one node wait for each other by a lock of a file. Where nodes share what is fetched, too, the others wait
for who has the claim, and find the file. A claim ends with its lease when its process dies. Without the cache there are no
claims, and a file may be fetched once by each node.
"""

import hashlib
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar
from uuid import uuid4

Found = TypeVar("Found")
_FIRST_PAUSE_SECONDS = 0.02
_LONGEST_PAUSE_SECONDS = 0.5
_WITHOUT = 3  # so often in a row nobody has a claim that cannot be had


class ClaimCache(Protocol):
    """What is used of a cache of Django's."""

    def add(self, key: str, value: str, seconds: float, /) -> Any: ...

    def get(self, key: str, /) -> Any: ...

    def touch(self, key: str, seconds: float, /) -> Any: ...

    def delete(self, key: str, /) -> Any: ...


@dataclass(frozen=True, slots=True)
class Claims:
    """Those on the files of one server. A lease is renewed while its process fetches."""

    name: str
    cache: ClaimCache
    lease_seconds: float = 15.0

    def once(
        self,
        what: str,
        known: Callable[[], Found | None],
        fetch: Callable[[], Found],
        max_wait_seconds: float,
    ) -> Found:
        """Return what is known already, or what ``fetch`` returns; meanwhile others of the fleet wait.

        Whoever has waited as long as it may fetches, too.
        """
        text = f"{self.name}\0{what}".encode()
        key = f"tecken:upstream-claim:{hashlib.blake2b(text, digest_size=16).hexdigest()}"
        token = uuid4().hex
        until, pause, without = time.monotonic() + max_wait_seconds, _FIRST_PAUSE_SECONDS, 0
        while not self.cache.add(key, token, self.lease_seconds):
            if self.cache.get(key) is None:
                without += 1  # given back in this moment, or the cache is not there
            else:
                without = 0
                time.sleep(pause)
                pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)
            if (found := known()) is not None:
                return found
            if without == _WITHOUT or time.monotonic() >= until:
                return fetch()
        with self._held(key, token):
            found = known()
            return fetch() if found is None else found

    @contextmanager
    def _held(self, key: str, token: str) -> Iterator[None]:
        """Renew the lease while the block runs, and give the claim back."""
        is_over = threading.Event()

        def renew() -> None:
            while not is_over.wait(self.lease_seconds / 3):
                self.cache.touch(key, self.lease_seconds)

        threading.Thread(target=renew, name="upstream-claim", daemon=True).start()
        try:
            yield
        finally:
            is_over.set()
            if self.cache.get(key) == token:  # it is ours yet
                self.cache.delete(key)
