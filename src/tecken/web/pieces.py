# This Source Code Form is subject to the terms of the Mozilla Public
# License, v. 2.0. If a copy of the MPL was not distributed with this
# file, You can obtain one at https://mozilla.org/MPL/2.0/.

"""Large JSON answers: compressed for clients that accept it, sent while they are written.

A thread waits for the client meanwhile, so only a part of the threads may do this: clients that
read slowly must not stop everyone else.
"""

import threading
import weakref
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers
from isal import isal_zlib

from tecken.core.http_headers import accepts_gzip
from tecken.web.responses import json_error

_GZIP = 31  # window bits of zlib: the largest window, in a gzip file
_COMPRESSION_LEVEL = 1
MIN_COMPRESSED_BYTES = 1_400  # fits into one packet anyway
MIN_STREAMED_BYTES = 4 * 1024 * 1024  # less is sent at once, with its length
MAX_STREAMED_AT_ONCE = 8  # half of the threads that `tecken serve` has in a worker
_PATIENCE_SECONDS = 1
_CHUNK_BYTES = 128 * 1024

# Pieces of a text that are made together: they are joined once, into what is sent.
Pieces = Sequence[bytes]

_free = threading.BoundedSemaphore(MAX_STREAMED_AT_ONCE)


def json_in_pieces(
    request: HttpRequest, pieces: Iterable[Pieces], about_bytes: int
) -> HttpResponseBase:
    """Answer with JSON that comes in pieces, some at a time, of about so many bytes together.

    Making them must not fail any more: when the answer is large, its status has been sent by then.
    A large one is answered 503 while too many are being sent.
    """
    gzip = about_bytes >= MIN_COMPRESSED_BYTES and accepts_gzip(
        request.headers.get("Accept-Encoding", "")
    )
    response: HttpResponseBase
    if about_bytes < MIN_STREAMED_BYTES:
        # Joined once: copies of megabytes that were just made are most of what a short answer costs.
        body = b"".join(_compressed(pieces) if gzip else chain.from_iterable(pieces))
        response = HttpResponse(body, "application/json")
    elif _free.acquire(timeout=_PATIENCE_SECONDS):
        chunks = _compressed(pieces) if gzip else _chunks(pieces)
        response = StreamingHttpResponse(_Streamed(chunks), content_type="application/json")
    else:
        return json_error("Too many large answers are being sent: try again later", 503)
    if gzip:
        response["Content-Encoding"] = "gzip"
    patch_vary_headers(response, ("Accept-Encoding",))
    return response


class _Streamed:
    """Chunks of an answer that is one of those being sent, until it is closed or forgotten."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._release = weakref.finalize(self, _free.release)

    def close(self) -> None:
        """Let others send, and drop what is left, with all that it is made of."""
        self._chunks = iter(())
        self._release()

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        return next(self._chunks)


def _compressed(pieces: Iterable[Pieces]) -> Iterator[bytes]:
    compressor = isal_zlib.compressobj(_COMPRESSION_LEVEL, isal_zlib.DEFLATED, _GZIP)
    compressed = ([compressor.compress(chunk)] for chunk in _chunks(pieces))
    yield from _chunks(compressed)
    yield compressor.flush()


def _chunks(pieces: Iterable[Pieces]) -> Iterator[bytes]:
    """Join pieces until they are worth to be handed on."""
    waiting: list[bytes] = []
    size = 0
    for some in pieces:
        waiting += some
        size += sum(map(len, some))
        if size >= _CHUNK_BYTES:
            yield b"".join(waiting)
            waiting, size = [], 0
    if waiting:
        yield b"".join(waiting)
