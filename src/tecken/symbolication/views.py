# This Source Code Form is subject to the terms of the Mozilla Public
# License, v. 2.0. If a copy of the MPL was not distributed with this
# file, You can obtain one at https://mozilla.org/MPL/2.0/.

"""``POST /symbolicate/v5``, ``/symbolicate/v4`` and ``/``. They ignore cookies and content types."""

from collections.abc import Callable, Sequence
from time import perf_counter

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from tecken.core.symbolicate import Job, symbolicate
from tecken.symbolication.answers import Json, Symbols, frames_bytes, v4_answer, v5_answer
from tecken.symbolication.measures import note_symbolication
from tecken.symbolication.schemas import parse_v4, parse_v5
from tecken.symbolication.services import limits, supplier_for
from tecken.web.cors import any_origin
from tecken.web.debug import wants_debug
from tecken.web.drain import declared_length
from tecken.web.errors import method_not_allowed
from tecken.web.responses import json_error, json_response
from tecken.web.views import home


@csrf_exempt
@any_origin("POST")
def v5(request: HttpRequest) -> HttpResponse:
    """Answer a v5 request, or one that is a single job."""
    return _symbolicate(request, "v5", lambda body: parse_v5(body, limits()), v5_answer)


@csrf_exempt
@any_origin("POST")
def v4(request: HttpRequest) -> HttpResponse:
    """Answer a v4 request."""
    return _symbolicate(request, "v4", lambda body: [parse_v4(body, limits())], _v4_answer)


@csrf_exempt
@any_origin("GET", "HEAD", "POST")
def root(request: HttpRequest) -> HttpResponse:
    """Answer ``/``, where POST is v4 and everything else is the web app."""
    if request.method == "POST" or "web" not in settings.SERVE_ONLY:
        return v4(request)
    if request.method in {"GET", "HEAD"}:
        return home(request)
    return method_not_allowed(request, "GET, HEAD, POST, OPTIONS")


def _v4_answer(jobs: Sequence[Job], found: Symbols, debug_seconds: float | None) -> Json:
    return v4_answer(jobs[0], found, debug_seconds)


def _symbolicate(
    request: HttpRequest,
    version: str,
    parse: Callable[[bytes], Sequence[Job]],
    write: Callable[[Sequence[Job], Symbols, float | None], Json],
) -> HttpResponse:
    if request.method != "POST":
        response = json_error("Must use HTTP POST", 405)
        response["Allow"] = "POST, OPTIONS"
        return response
    started = perf_counter()
    jobs = parse(_read_body(request))
    parsed = perf_counter()
    supplier = supplier_for(jobs)
    found = symbolicate(jobs, supplier, supplier.modules_at_once)
    limits().check_answer(frames_bytes(jobs, found))
    looked_up = perf_counter()
    debug_seconds = looked_up - started if wants_debug(request) else None
    response = json_response(write(jobs, found, debug_seconds))
    timings = {"parse": parsed - started, **_timings(found, looked_up - parsed)}
    finished = perf_counter()
    timings["write"] = finished - looked_up
    note_symbolication(version, jobs, found, finished - started)
    response["Server-Timing"] = ", ".join(
        f"{name};dur={seconds * 1000:.3f}" for name, seconds in timings.items()
    )
    return response


def _read_body(request: HttpRequest) -> bytes:
    """Read the body within the limit; Django's own would refuse anything but small forms."""
    limits().check_body(declared_length(request.META) or 0)
    body: bytes = request.read(limits().body_bytes + 1)
    limits().check_body(len(body))
    return body


def _timings(found: Symbols, total: float) -> dict[str, float]:
    find = sum(symbols.find_seconds for symbols in found.values())
    fetch = sum(symbols.log.seconds for symbols in found.values())
    return {"find": find, "fetch": fetch, "lookup": max(0.0, total - find - fetch)}
