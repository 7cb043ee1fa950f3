# SPDX-License-Identifier: MPL-2.0

"""``GET`` and ``HEAD`` of a symbol key: where its file is."""

from time import perf_counter
from urllib.parse import quote

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.encoding import iri_to_uri
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from tecken.core.errors import InvalidNameError
from tecken.core.identifiers import SymbolKey
from tecken.core.storage.base import URL_SECONDS
from tecken.core.storage.sources import Source
from tecken.download.caching import set_cache_headers
from tecken.download.microsoft.rules import may_come_from_microsoft
from tecken.download.microsoft.services import start_lookup
from tecken.download.misses import CodeModule
from tecken.download.modules import debug_key_of, originals_of
from tecken.download.recorder import note_found, note_missing
from tecken.download.rules import is_ignored
from tecken.download.selectors import find_source
from tecken.web.cors import any_origin
from tecken.web.debug import wants_debug
from tecken.web.metrics import DOWNLOAD_FOUND, DOWNLOAD_IGNORED, DOWNLOAD_MISSING
from tecken.web.private import reads_store

_IGNORED = "Symbol Not Found (and ignored)"
_NOT_FOUND = "Symbol Not Found"
_NOT_FOUND_YET = "Symbol Not Found Yet"
_REFUSED = "Symbol name lookup contains invalid characters and will never be found."


@reads_store
@any_origin("GET", "HEAD")
@csrf_exempt
@require_safe
def symbol(
    request: HttpRequest, debug_file: str, debug_id: str, symbol_file: str, try_prefix: str = ""
) -> HttpResponse:
    """Redirect to a symbol file, or say that it is not there."""
    if is_ignored(debug_id, symbol_file, settings.DOWNLOAD_FILE_EXTENSIONS_WHITELIST):
        DOWNLOAD_IGNORED.add()
        return _answer(request, _text(_IGNORED, 404), 0.0)
    started = perf_counter()
    try:
        key = SymbolKey.of_parts(debug_file, debug_id, symbol_file)
    except InvalidNameError:
        if not symbol_file.lower().endswith(".sym"):
            # A debugger that is answered 400 asks nothing more of this server.
            DOWNLOAD_IGNORED.add()
            return _answer(request, _text(_IGNORED, 404), 0.0)
        return _answer(request, _text(_REFUSED, 400), None)
    module = CodeModule.of_request(request) if request.method == "GET" else None
    with_try = bool(try_prefix) or "try" in request.GET
    source, stored_key = _find(key, with_try=with_try, refresh="_refresh" in request.GET)
    if source is None and (other := debug_key_of(key, with_try=with_try)):
        return _answer(request, _elsewhere(request, other, try_prefix), perf_counter() - started)
    if source is None:
        response = _missing(request, key)
    elif request.method == "HEAD":
        response = _text("", 200)
    else:
        response = _text("", 302)
        response["Location"] = _location(source, source.object_key(stored_key))
    seconds = perf_counter() - started
    (DOWNLOAD_MISSING if source is None else DOWNLOAD_FOUND).note(seconds)
    if module is not None:
        note_missing(key, module) if source is None else note_found()
    return _answer(request, response, seconds, _usable_seconds(key, source))


def _find(key: SymbolKey, *, with_try: bool, refresh: bool) -> tuple[Source | None, SymbolKey]:
    """Return what has a file, and under which key: a native file may be kept by its id alone."""
    source = find_source(key, with_try=with_try, refresh=refresh)
    if source is None:
        for original in originals_of(key, with_try=with_try):
            if found := find_source(original, with_try=with_try, refresh=refresh):
                return found, original
    return source, key


def _missing(request: HttpRequest, key: SymbolKey) -> HttpResponse:
    """Say that nobody has a key; what Microsoft may have is looked up there in the meantime."""
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


def _usable_seconds(key: SymbolKey, source: Source | None) -> int | None:
    """Return for how long an answer is good: a signed URL ends, and a lookup may."""
    if source is None:
        return 0 if may_come_from_microsoft(key) else None
    return URL_SECONDS if source.remote and not source.public else None


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
