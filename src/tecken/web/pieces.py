# This Source Code Form is subject to the terms of the Mozilla Public
# License, v. 2.0. If a copy of the MPL was not distributed with this
# file, You can obtain one at https://mozilla.org/MPL/2.0/.

"""Large JSON answers: compressed for clients that accept it, sent while they are written."""

from collections.abc import Iterable, Iterator

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers
from isal import isal_zlib

from tecken.core.http_headers import accepts_gzip

_GZIP = 31  # window bits of zlib: the largest window, in a gzip file
_COMPRESSION_LEVEL = 1
MIN_COMPRESSED_BYTES = 1_400  # fits into one packet anyway
MIN_STREAMED_BYTES = 1024 * 1024  # less is sent at once, with its length
_CHUNK_BYTES = 128 * 1024


def json_in_pieces(
    request: HttpRequest, pieces: Iterable[bytes], about_bytes: int
) -> HttpResponseBase:
    """Answer with JSON that comes in pieces, of about so many bytes together.

    Making them must not fail any more: when the answer is large, its status has been sent by then.
    """
    gzip = about_bytes >= MIN_COMPRESSED_BYTES and accepts_gzip(
        request.headers.get("Accept-Encoding", "")
    )
    chunks = _compressed(pieces) if gzip else _chunks(pieces)
    response: HttpResponseBase
    if about_bytes < MIN_STREAMED_BYTES:
        response = HttpResponse(b"".join(chunks), "application/json")
    else:
        response = StreamingHttpResponse(chunks, content_type="application/json")
    if gzip:
        response["Content-Encoding"] = "gzip"
    patch_vary_headers(response, ("Accept-Encoding",))
    return response


def _compressed(pieces: Iterable[bytes]) -> Iterator[bytes]:
    compressor = isal_zlib.compressobj(_COMPRESSION_LEVEL, isal_zlib.DEFLATED, _GZIP)
    yield from _chunks(map(compressor.compress, _chunks(pieces)))
    yield compressor.flush()


def _chunks(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Join pieces until they are worth to be handed on."""
    waiting: list[bytes] = []
    size = 0
    for piece in pieces:
        waiting.append(piece)
        size += len(piece)
        if size >= _CHUNK_BYTES:
            yield b"".join(waiting)
            waiting, size = [], 0
    if waiting:
        yield b"".join(waiting)
