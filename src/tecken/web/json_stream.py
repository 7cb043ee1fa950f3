# SPDX-License-Identifier: MPL-2.0

"""Large JSON answers: compressed for clients that accept it, written chunk by chunk.

The chunks are rendered at once, and wait in memory or in a file until the client has read them: what they
are made of is let go of then, whether or not the client reads.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers
from isal import isal_zlib

from tecken.core.http_headers import accepts_gzip

_GZIP = 31  # window bits of zlib: the largest window, in a gzip file
_COMPRESSION_LEVEL = 1
MIN_COMPRESSED_BYTES = 1_400  # fits into one packet anyway
MIN_STREAMED_BYTES = 4 * 1024 * 1024  # less is sent at once, with its length
_CHUNK_BYTES = 128 * 1024

# Chunks of a text that are made together: they are joined once, into what is sent.
Chunks = Sequence[bytes]


def stream_json(
    request: HttpRequest, chunks: Iterable[Chunks], about_bytes: int
) -> HttpResponseBase:
    """Answer with JSON that comes in chunks, some at a time, of about so many bytes together.

    Making them must not fail any more: under other servers than ours its status may have been sent.
    Chunks that have a method ``close`` are closed with the answer.
    """
    gzip = about_bytes >= MIN_COMPRESSED_BYTES and accepts_gzip(
        request.headers.get("Accept-Encoding", "")
    )
    response: HttpResponseBase
    if about_bytes < MIN_STREAMED_BYTES:
        # Joined once: copies of megabytes that were just made are most of what a short answer costs.
        body = b"".join(_compressed(chunks) if gzip else chain.from_iterable(chunks))
        response = HttpResponse(body, "application/json")
    else:
        body_chunks = _compressed(chunks) if gzip else _joined(chunks)
        response = StreamingHttpResponse(
            _Closing(body_chunks, chunks), content_type="application/json"
        )
    if gzip:
        response["Content-Encoding"] = "gzip"
    patch_vary_headers(response, ("Accept-Encoding",))
    return response


class _Closing:
    """An iterator that drops its items when it is closed, and then closes what they are made of.

    A generator that never began would not (Python 3.13).
    """

    def __init__(self, items: Iterator[bytes], source: object) -> None:
        self._items = items
        self._close_source: Callable[[], object] = getattr(source, "close", lambda: None)

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        return next(self._items)

    def close(self) -> None:
        self._items = iter(())
        self._close_source()


def _compressed(chunks: Iterable[Chunks]) -> Iterator[bytes]:
    compressor = isal_zlib.compressobj(_COMPRESSION_LEVEL, isal_zlib.DEFLATED, _GZIP)
    compressed = ([compressor.compress(chunk)] for chunk in _joined(chunks))
    yield from _joined(compressed)
    yield compressor.flush()


def _joined(chunks: Iterable[Chunks]) -> Iterator[bytes]:
    """Join chunks until they are worth to be handed on."""
    waiting: list[bytes] = []
    size = 0
    for some in chunks:
        waiting += some
        size += sum(map(len, some))
        if size >= _CHUNK_BYTES:
            yield b"".join(waiting)
            waiting, size = [], 0
    if waiting:
        yield b"".join(waiting)
