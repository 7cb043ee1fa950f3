# SPDX-License-Identifier: MPL-2.0

"""``/_files/<source>/<object key>``: the bytes of a folder bucket's objects.

An object that is stored with ``Content-Encoding: gzip`` has two forms: its own bytes, for a client
that takes gzip, and the text in them. Each has a strong ETag of its own, so that nobody puts ranges
of the two together. Ranges of the text are inflated from where the object's index says that they lie;
of an object that has none the text is sent whole.
"""

from collections.abc import Iterator
from contextlib import ExitStack, suppress

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from tecken.core.errors import (
    InvalidNameError,
    ObjectChangedError,
    ObjectNotFoundError,
    StorageUnavailableError,
)
from tecken.core.http_headers import ByteRange, accepts_gzip
from tecken.core.identifiers import SymbolKey, parse_stored_key
from tecken.core.storage.base import ObjectInfo
from tecken.core.storage.sources import Source
from tecken.core.symbols.index import SymbolIndex
from tecken.core.symbols.lookup import ReadLog
from tecken.core.symbols.scan import gunzip
from tecken.core.symbols.text_ranges import TextBlocks
from tecken.core.tiers.node_entries import own_index
from tecken.download.byte_answers import (
    body,
    conditional_answer,
    ranged,
    set_version,
    wants_range,
    whole_or_range,
)
from tecken.web.cors import any_origin
from tecken.web.errors import not_found
from tecken.web.private import reads_store
from tecken.web.sources import source_named

_CHUNK_BYTES = 64 * 1024  # as much is in memory for a client that does not read
_ATTEMPTS = 5


@reads_store
@any_origin("GET", "HEAD")
@csrf_exempt
@require_safe
def file(request: HttpRequest, source_name: str, object_key: str) -> HttpResponseBase:
    """Answer with an object, or a range of it."""
    source = source_named(source_name)
    key = None if source is None or source.remote else _symbol_key(source, object_key)
    if source is None or key is None:
        return not_found(request)
    try:
        return answer_object(request, source, key)
    except ObjectNotFoundError:
        return not_found(request)


def answer_object(request: HttpRequest, source: Source, key: SymbolKey) -> HttpResponseBase:
    """Answer with one version. It is looked at and then opened, and may be replaced in between.

    Raises ObjectNotFoundError, and other StorageErrors.
    """
    object_key = source.object_key(key)
    for _ in range(_ATTEMPTS):
        with suppress(ObjectChangedError):
            return _answer(request, source, key, source.bucket.head(object_key))
    raise StorageUnavailableError(source.name, object_key, "replaced again and again")


def _symbol_key(source: Source, object_key: str) -> SymbolKey | None:
    """Return what the source keeps there, if that is some symbol key: nothing else is served."""
    prefix = f"{source.prefix}/" if source.prefix else ""
    try:
        key = parse_stored_key(object_key.removeprefix(prefix))
    except InvalidNameError:
        return None
    return key if source.object_key(key) == object_key else None


def _answer(
    request: HttpRequest, source: Source, key: SymbolKey, info: ObjectInfo
) -> HttpResponseBase:
    compressed = info.content.content_encoding == "gzip"
    inflate = compressed and not accepts_gzip(request.headers.get("Accept-Encoding", ""))
    etag = f'"{info.etag}-text"' if inflate else f'"{info.etag}"'
    response = conditional_answer(request, etag, info.last_modified)
    if response is None:
        if inflate:
            response = _inflated(request, source, key, info, etag)
        else:
            response = _stored(request, source, info, etag)
    if response.status_code in {200, 206}:
        response["Content-Type"] = info.content.content_type
        if info.content.content_encoding and not inflate:
            response["Content-Encoding"] = info.content.content_encoding
    set_version(response, etag, info.last_modified)
    response["Cache-Control"] = "no-transform"
    if compressed:
        patch_vary_headers(response, ("Accept-Encoding",))
    return response


def _inflated(
    request: HttpRequest, source: Source, key: SymbolKey, info: ObjectInfo, etag: str
) -> HttpResponseBase:
    """Answer with the text of a compressed object; with a range of it where an index tells what lies where."""
    if wants_range(request, etag, info.last_modified) and (
        index := own_index(source, key, info, ReadLog())
    ):
        response = ranged(
            request, index.text_size, lambda part: TextRangeChunks(source, info, index, part)
        )
    else:
        response = body(request, lambda: TextChunks(source, info))
        size = info.content.metadata.get("original_size", "")
        if size.isascii() and size.isdigit():
            response["Content-Length"] = size
    response["Accept-Ranges"] = "bytes" if "object_id" in info.content.metadata else "none"
    return response


def _stored(request: HttpRequest, source: Source, info: ObjectInfo, etag: str) -> HttpResponseBase:
    """Answer with the bytes of an object as they are stored, or the range that is asked for."""

    def chunks(part: ByteRange) -> StoredChunks:
        return StoredChunks(source, info, part)

    return whole_or_range(request, info.size, etag, info.last_modified, chunks)


class StoredChunks:
    """The bytes of a range; it holds the object open until Django closes the answer."""

    def __init__(self, source: Source, info: ObjectInfo, part: ByteRange) -> None:
        self._opened = ExitStack()
        self._reader = self._opened.enter_context(
            source.bucket.open_range(info.key, part.start, part.end, if_match=info.etag)
        )

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        data = self._reader.read(_CHUNK_BYTES)
        if not data:
            raise StopIteration
        return data

    def close(self) -> None:
        self._opened.close()


class TextChunks(StoredChunks):
    """The text of a compressed object."""

    def __init__(self, source: Source, info: ObjectInfo) -> None:
        super().__init__(source, info, ByteRange(0, info.size))
        self._text = gunzip(self._reader, chunk_bytes=_CHUNK_BYTES)

    def __next__(self) -> bytes:
        return next(self._text)


class TextRangeChunks(StoredChunks):
    """A range of the text of a compressed object that has an index."""

    def __init__(
        self, source: Source, info: ObjectInfo, index: SymbolIndex, part: ByteRange
    ) -> None:
        blocks = TextBlocks(index, part.start, part.end)
        super().__init__(source, info, ByteRange(blocks.stored_start, blocks.stored_end))
        self._text = blocks.texts(self._reader.read)

    def __next__(self) -> bytes:
        return next(self._text)
