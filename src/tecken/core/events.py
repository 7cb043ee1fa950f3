# This Source Code Form is subject to the terms of the Mozilla Public
# License, v. 2.0. If a copy of the MPL was not distributed with this
# file, You can obtain one at https://mozilla.org/MPL/2.0/.

"""What uploads tell whoever subscribed.

Upload imports neither download nor symbolication; they subscribe to its events when the
applications start. A subscriber runs in the thread of the upload, before it answers, so it must be
quick and must not raise.
"""

from collections.abc import Callable, Sequence

from tecken.core.identifiers import SymbolKey

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


symbol_stored = SymbolStoredEvent()
