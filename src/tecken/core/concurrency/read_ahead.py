# SPDX-License-Identifier: MPL-2.0

"""Make the next piece of a stream while the last one is used."""

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

_PIECES = 2  # ahead of the one that is in use


def read_ahead(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Yield non-empty ``pieces``, made by a thread of their own, at most 2 ahead of their use.

    Errors come through at their place. Closing the iterator waits for the thread.
    """
    source = iter(pieces)
    with ThreadPoolExecutor(1, "read-ahead") as thread:
        coming: deque[Future[bytes]] = deque()
        for _ in range(_PIECES):
            coming.append(thread.submit(next, source, b""))
        while piece := coming.popleft().result():
            coming.append(thread.submit(next, source, b""))
            yield piece
