# SPDX-License-Identifier: MPL-2.0

"""``GET`` and ``HEAD`` in the dialects of debuggers: files by the ids of their modules, and parts of them.

What is there is answered with 200 and its bytes, or from a bucket that hands objects out itself with 302; everything
else with 404, or 503 while storage cannot be asked. Some clients ask a server nothing more that has answered
otherwise once, so neither odd names nor refused methods have statuses of their own.
"""

from collections.abc import Callable
from functools import partial
from time import perf_counter
from urllib.parse import quote

from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.csrf import csrf_exempt

from tecken.core.dialects.keys import breakpad_ids, keys_of, role_keys
from tecken.core.dialects.requests import Asked, Dialect, Wanted, read_path
from tecken.core.errors import (
    InvalidNameError,
    InvalidRequestError,
    ObjectChangedError,
    ObjectNotFoundError,
    StorageUnavailableError,
)
from tecken.core.identifiers import SymbolKey
from tecken.core.locating.locator import Found
from tecken.core.storage.base import URL_SECONDS
from tecken.download.byte_answers import body, set_version
from tecken.download.caching import set_cache_headers
from tecken.download.files import answer_object
from tecken.download.metadata import metadata_answer
from tecken.download.misses import CodeModule
from tecken.download.modules import asking
from tecken.download.parts_of_files import has_debug_information, section_answer, source_answer
from tecken.download.recorder import count_missing, note_found, note_missing
from tecken.download.selectors import FileSearch
from tecken.upload.selectors import symbol_keys_of
from tecken.web.cors import any_origin
from tecken.web.debug import wants_debug
from tecken.web.locator import locator
from tecken.web.metrics import DOWNLOAD_FOUND, DOWNLOAD_IGNORED, DOWNLOAD_MISSING
from tecken.web.private import hidden_from_strangers

_ATTEMPTS = 5
_NOT_FOUND = "Symbol Not Found"
_NOT_FOUND_YET = "Symbol Not Found Yet"
_IGNORED = "Symbol Not Found (and ignored)"

_AnswerPart = Callable[[HttpRequest, Found, str], HttpResponseBase | None]


@hidden_from_strangers
@any_origin("GET", "HEAD")
@csrf_exempt
def dialect(request: HttpRequest, path: str, try_prefix: str = "") -> HttpResponseBase:
    """Answer one of the URLs that ``core.dialects.requests.PATHS`` fits."""
    return answer_asked(request, read_path(path), try_prefix)


def answer_asked(request: HttpRequest, asked: Asked, try_prefix: str) -> HttpResponseBase:
    """Answer what is asked for in a dialect. Raises StorageError."""
    started = perf_counter()
    if not _has_readable_query(request):
        return _text(_IGNORED, 404)
    if asked.wanted is Wanted.NOTHING or request.method not in {"GET", "HEAD"}:
        DOWNLOAD_IGNORED.add()
        return _finish(request, _text(_IGNORED, 404), 0.0)
    with_try = bool(try_prefix) or "try" in request.GET
    if asked.wanted is Wanted.METADATA:
        return _finish(request, metadata_answer(request, with_try=with_try), None)
    search = _Search(request, asked, with_try=with_try)
    response = search.answer()
    seconds = perf_counter() - started
    is_missing = response is None or response.status_code == 404
    (DOWNLOAD_MISSING if is_missing else DOWNLOAD_FOUND).note(seconds)
    if request.method == "GET":
        _note_missing(request, asked) if is_missing else note_found()
    if response is None:
        text = _NOT_FOUND_YET if search.is_pending else _NOT_FOUND
        return _finish(request, _text(text, 404), seconds, is_pending=search.is_pending)
    return _finish(request, response, seconds)


def _has_readable_query(request: HttpRequest) -> bool:
    """Say whether a query has no more fields than Django reads."""
    try:
        return request.GET is not None
    except SuspiciousOperation:
        return False


class _Search:
    """Finds what one request asks for, and answers with it; None is for what nobody has."""

    def __init__(self, request: HttpRequest, asked: Asked, *, with_try: bool) -> None:
        self._request = request
        self._asked = asked
        # Keys under which it may be, and then those of another file that may have it.
        self._key_groups = _key_groups_of(asked, with_try=with_try)
        keys = [key for group in self._key_groups for key in group]
        self._search = FileSearch(keys, with_try=with_try, refresh="_refresh" in request.GET)

    @property
    def is_pending(self) -> bool:
        """Whether it will be there soon, once it was not found."""
        return self._search.is_pending

    def answer(self) -> HttpResponseBase | None:
        match self._asked.wanted:
            case Wanted.SECTION:
                return self._part(section_answer)
            case Wanted.SOURCE:
                return self._part(source_answer)
        first, *others = self._key_groups
        found = self._search.first(first)
        for group in others:
            found = found or self._unstripped(group)
        return self._file(found) if found else None

    def _unstripped(self, keys: tuple[SymbolKey, ...]) -> Found | None:
        """Return the executable, if nobody has taken the debug information out of it."""
        found = self._search.first(keys)
        try:
            return found if found and has_debug_information(found) else None
        except (ObjectChangedError, ObjectNotFoundError):
            return None  # until the next request

    def _part(self, answer: _AnswerPart) -> HttpResponseBase | None:
        """Answer with a part of the first file that has it."""
        for keys in self._key_groups:
            if response := self._part_of(keys, answer):
                return response
        return None

    def _part_of(self, keys: tuple[SymbolKey, ...], answer: _AnswerPart) -> HttpResponseBase | None:
        """Answer with a part of a file, which may have been replaced since the bucket was asked for it."""
        for _ in range(_ATTEMPTS):
            found = self._search.first(keys)
            if found is None:
                return None
            try:
                return answer(self._request, found, self._asked.name)
            except (ObjectChangedError, ObjectNotFoundError):
                locator().forget(found)
        raise StorageUnavailableError("all sources", str(keys[0]), "replaced again and again")

    def _file(self, found: Found) -> HttpResponseBase | None:
        size = _size_of(found)
        response = self._too_large(size) or self._bytes(found, size)
        if response is not None and self._asked.dialect is Dialect.DEBUGINFOD:
            response["X-DEBUGINFOD-FILE"] = quote(str(found.key))
            if size is not None:
                response["X-DEBUGINFOD-SIZE"] = str(size)
        return response

    def _bytes(self, found: Found, size: int | None) -> HttpResponseBase | None:
        url = found.source.bucket.url_of(found.info.key)
        if url is None:
            try:
                return answer_object(self._request, found.source, found.key)
            except ObjectNotFoundError:
                return None
        if self._request.method == "GET":
            response: HttpResponseBase = _text("", 302)
            response["Location"] = url
            return response
        # A signed URL is one for GET.
        response = body(self._request, lambda: iter(()))
        set_version(response, f'"{found.info.etag}"', found.info.last_modified)
        response["Content-Type"] = found.info.content.content_type
        if size is not None:
            response["Content-Length"] = str(size)
        return response

    def _too_large(self, size: int | None) -> HttpResponse | None:
        """Return what tells a client so that says how much it takes at most."""
        most = self._request.headers.get("X-DEBUGINFOD-MAXSIZE", "").strip()
        if self._asked.dialect is not Dialect.DEBUGINFOD or size is None:
            return None
        if not most.isascii() or not most.isdigit() or len(most) > 19 or size <= int(most):
            return None
        return _text("The file is larger than X-DEBUGINFOD-MAXSIZE allows", 406)


def _key_groups_of(asked: Asked, *, with_try: bool) -> list[tuple[SymbolKey, ...]]:
    match asked.wanted:
        case Wanted.BREAKPAD:  # only the rows of uploads know its name
            ids = breakpad_ids(asked)
            return [asking(partial(symbol_keys_of, ids, with_try=with_try))]
        case Wanted.SECTION:
            return [role_keys(asked, role) for role in (Wanted.DEBUGINFO, Wanted.EXECUTABLE)]
        case Wanted.DEBUGINFO if asked.dialect is Dialect.DEBUGINFOD:
            return [keys_of(asked), role_keys(asked, Wanted.EXECUTABLE)]
    return [keys_of(asked)]


def _size_of(found: Found) -> int | None:
    """Return how many bytes a file has that is not compressed; None where nobody knows."""
    if not found.info.content.content_encoding:
        return found.info.size
    size = found.info.content.metadata.get("original_size", "")
    return int(size) if size.isascii() and size.isdigit() else None


def _note_missing(request: HttpRequest, asked: Asked) -> None:
    """Count a miss; that of a file of a store is also written down, as it has the name of a module."""
    if asked.wanted is not Wanted.FILE:
        return count_missing()
    try:
        key = SymbolKey.of_parts(asked.module, asked.ids[0], asked.name)
        module = CodeModule.of_request(request)
    except (InvalidNameError, InvalidRequestError):
        return count_missing()
    return note_missing(key, module)


def _text(text: str, status: int) -> HttpResponse:
    return HttpResponse(text, "text/plain; charset=utf-8", status)


def _finish(
    request: HttpRequest,
    response: HttpResponseBase,
    seconds: float | None,
    *,
    is_pending: bool = False,
) -> HttpResponseBase:
    is_signed = response.status_code == 302 and "?" in response["Location"]
    usable_seconds = 0 if is_pending else URL_SECONDS if is_signed else None
    set_cache_headers(request, response, usable_seconds=usable_seconds, with_bytes=True)
    if response.status_code in {200, 206}:
        response["Cache-Control"] += ", no-transform"
    if seconds is not None and wants_debug(request):
        response["Debug-Time"] = f"{seconds:.6f}" if seconds else "0.0"
    return response
