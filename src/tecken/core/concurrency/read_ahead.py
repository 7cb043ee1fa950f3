# SPDX-License-Identifier: MPL-2.0

"""Make the next chunk of a stream while the last one is used."""

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

_CHUNKS = 2  # ahead of the one that is in use


def read_ahead(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield non-empty ``chunks``, made by a thread of their own, at most 2 ahead of their use.

    Errors come through at their place. Closing the iterator waits for the thread.
    """
    source = iter(chunks)
    with ThreadPoolExecutor(1, "read-ahead") as thread:
        coming: deque[Future[bytes]] = deque()
        for _ in range(_CHUNKS):
            coming.append(thread.submit(next, source, b""))
        while chunk := coming.popleft().result():
            coming.append(thread.submit(next, source, b""))
            yield chunk
