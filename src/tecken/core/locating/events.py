# SPDX-License-Identifier: MPL-2.0

"""What uploads tell whoever subscribed.

Upload imports neither download nor symbolication; they subscribe to its events when the
applications start. A subscriber runs in the thread of the upload, before it answers, so it must be
quick and must not raise.
"""

from collections.abc import Callable, Sequence
from threading import Lock
from types import TracebackType
from typing import Self

from tecken.core.identifiers import SymbolKey

# For a subscriber that has to ask another server, each time is a round trip; and of an upload that is killed, the keys that
# nobody was told of yet stay unknown to caches until it is sent again.
_KEYS_TOGETHER = 20

Subscriber = Callable[[Sequence[SymbolKey]], None]


class SymbolStoredEvent:
    """Published after objects of symbol keys were stored, replaced or deleted.

    Of an upload, before the client is told.
    """

    def __init__(self) -> None:
        self._subscribers: list[Subscriber] = []

    def subscribe(self, subscriber: Subscriber) -> None:
        """Call ``subscriber(keys)`` for all symbol keys stored or deleted from now on."""
        if subscriber not in self._subscribers:
            self._subscribers.append(subscriber)

    def publish(self, *keys: SymbolKey) -> None:
        """Tell every subscriber that ``keys`` have new content, or none any more."""
        for subscriber in self._subscribers:
            subscriber(keys)

    def together(self) -> "StoredKeys":
        """Return a block in which keys are collected and published some at a time."""
        return StoredKeys(self)


class StoredKeys:
    """Keys that are published together, the last of them at the end of the block. Safe to use from threads."""

    def __init__(self, event: SymbolStoredEvent) -> None:
        self._event = event
        self._keys: list[SymbolKey] = []
        self._lock = Lock()

    def add(self, key: SymbolKey) -> None:
        """Publish a key, soon."""
        with self._lock:
            self._keys.append(key)
            many = len(self._keys) >= _KEYS_TOGETHER
        if many:
            self._publish()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self._publish()

    def _publish(self) -> None:
        with self._lock:
            keys, self._keys = self._keys, []
        if keys:
            self._event.publish(*keys)


symbol_stored = SymbolStoredEvent()
