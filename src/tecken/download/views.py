# SPDX-License-Identifier: MPL-2.0

"""``GET`` and ``HEAD`` of a symbol key: where its file is."""

from time import perf_counter
from urllib.parse import quote

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.encoding import iri_to_uri
from django.views.decorators.csrf import csrf_exempt

from tecken.core.dialects.ignoring import is_ignored
from tecken.core.dialects.requests import read_store_path
from tecken.core.errors import InvalidNameError, ObjectPendingError
from tecken.core.identifiers import NativeKey, SymbolKey
from tecken.core.locating.locator import Found
from tecken.core.storage.base import URL_SECONDS
from tecken.core.storage.sources import Source
from tecken.download.caching import set_cache_headers
from tecken.download.dialects import answer_asked
from tecken.download.microsoft.rules import may_come_from_microsoft
from tecken.download.microsoft.services import start_lookup
from tecken.download.misses import CodeModule
from tecken.download.modules import debug_key_of, originals_of
from tecken.download.recorder import note_found, note_missing
from tecken.download.selectors import FileSearch, SymbolSearch
from tecken.web.cors import any_origin
from tecken.web.debug import wants_debug
from tecken.web.errors import method_not_allowed
from tecken.web.metrics import DOWNLOAD_FOUND, DOWNLOAD_IGNORED, DOWNLOAD_MISSING
from tecken.web.private import reads_store

_IGNORED = "Symbol Not Found (and ignored)"
_NOT_FOUND = "Symbol Not Found"
_NOT_FOUND_YET = "Symbol Not Found Yet"
_REFUSED = "Symbol name lookup contains invalid characters and will never be found."


@reads_store
@any_origin("GET", "HEAD")
@csrf_exempt
def symbol(
    request: HttpRequest, debug_file: str, debug_id: str, symbol_file: str, try_prefix: str = ""
) -> HttpResponseBase:
    """Redirect to a symbol file, or say that it is not there; answer what is none in its dialect."""
    if asked := read_store_path(debug_file, debug_id, symbol_file):
        return answer_asked(request, asked, try_prefix)
    if request.method not in {"GET", "HEAD"}:
        return method_not_allowed(request, "GET, HEAD")
    if is_ignored(debug_id, symbol_file, settings.DOWNLOAD_FILE_EXTENSIONS_WHITELIST):
        DOWNLOAD_IGNORED.add()
        return _answer(request, _text(_IGNORED, 404), 0.0)
    started = perf_counter()
    try:
        key = SymbolKey.of_parts(debug_file, debug_id, symbol_file)
    except InvalidNameError:
        return _refused(request, symbol_file)
    module = CodeModule.of_request(request) if request.method == "GET" else None
    with_try = bool(try_prefix) or "try" in request.GET
    search = SymbolSearch(key, with_try=with_try, refresh="_refresh" in request.GET)
    try:
        found = search.find() or _original(request, key, with_try=with_try)
    except ObjectPendingError:
        return _answer(request, _text(_NOT_FOUND_YET, 404), perf_counter() - started, 0)
    other = _other_key(key, found, with_try=with_try)
    if other is not None:
        return _answer(request, _elsewhere(request, other, try_prefix), perf_counter() - started)
    if found is None:
        response = _missing(request, key, search)
    elif request.method == "HEAD":
        response = _text("", 200)
    else:
        response = _text("", 302)
        response["Location"] = _location(found.source, found.info.key)
    seconds = perf_counter() - started
    (DOWNLOAD_MISSING if found is None else DOWNLOAD_FOUND).note(seconds)
    if module is not None:
        note_missing(key, module) if found is None else note_found()
    return _answer(request, response, seconds, _usable_seconds(response, found))


def _refused(request: HttpRequest, symbol_file: str) -> HttpResponse:
    """Answer what can never be a key."""
    if not symbol_file.lower().endswith(".sym"):
        # A debugger that is answered 400 asks nothing more of this server.
        DOWNLOAD_IGNORED.add()
        return _answer(request, _text(_IGNORED, 404), 0.0)
    return _answer(request, _text(_REFUSED, 400), None)


def _original(request: HttpRequest, key: SymbolKey, *, with_try: bool) -> Found | None:
    """Return a native file that is kept by its id alone, and asked for by the name of its module."""
    keys = originals_of(key, with_try=with_try)
    refresh = "_refresh" in request.GET
    return FileSearch(keys, with_try=with_try, refresh=refresh).first(keys) if keys else None


def _other_key(key: SymbolKey, found: Found | None, *, with_try: bool) -> SymbolKey | None:
    """Return under which other key the symbols of a module are: that of its debug id, or of the id alone."""
    if found is None:
        return debug_key_of(key, with_try=with_try)
    return found.key if found.key != key and not isinstance(found.key, NativeKey) else None


def _missing(request: HttpRequest, key: SymbolKey, search: SymbolSearch) -> HttpResponse:
    """Say that nobody has a key.

    In the meantime, what Microsoft may have is looked up there, and symbols are derived of a native file that lies beside.
    """
    if request.method == "GET" and search.begin_deriving():
        return _text(_NOT_FOUND_YET, 404)
    if not may_come_from_microsoft(key):
        return _text(_NOT_FOUND, 404)
    if request.method == "GET":
        start_lookup(key)
    return _text(_NOT_FOUND_YET, 404)


def _elsewhere(request: HttpRequest, key: SymbolKey, try_prefix: str) -> HttpResponse:
    """Redirect to the same symbol file under another key; the query stays."""
    response = _text("", 302)
    query = iri_to_uri(request.META["QUERY_STRING"])
    path = f"/{try_prefix}/{quote(str(key))}" if try_prefix else f"/{quote(str(key))}"
    response["Location"] = f"{path}?{query}" if query else path
    return response


def _location(source: Source, object_key: str) -> str:
    """Return where the bucket itself hands an object out; else the URL on this server."""
    return source.bucket.url_of(object_key) or f"/_files/{source.name}/{quote(object_key)}"


def _usable_seconds(response: HttpResponse, found: Found | None) -> int | None:
    """Return for how long an answer is good: a signed URL ends, and a lookup may."""
    if found is None:
        return 0 if response.content == _NOT_FOUND_YET.encode() else None
    return URL_SECONDS if found.source.remote and not found.source.public else None


def _text(text: str, status: int) -> HttpResponse:
    return HttpResponse(text, "text/plain; charset=utf-8", status)


def _answer(
    request: HttpRequest,
    response: HttpResponse,
    seconds: float | None,
    usable_seconds: int | None = None,
) -> HttpResponse:
    set_cache_headers(request, response, usable_seconds=usable_seconds)
    if seconds is not None and wants_debug(request):
        response["Debug-Time"] = f"{seconds:.6f}" if seconds else "0.0"
    return response
