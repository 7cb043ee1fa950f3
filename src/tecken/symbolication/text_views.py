# SPDX-License-Identifier: MPL-2.0

"""``POST /symbolicate/text``: the text of a crash in, the same with its frames named out.

The text is not kept beyond the request, and no error quotes it.
"""

import re
from contextlib import nullcontext
from time import perf_counter

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers
from django.views.decorators.csrf import csrf_exempt

from tecken.core.crash_texts.answer import answer_of, write_json
from tecken.core.crash_texts.encodings import encode
from tecken.core.crash_texts.model import CrashText
from tecken.core.crash_texts.naming import NamedCrash, check_size, jobs_of, name_frames
from tecken.core.crash_texts.reader import read_crash_text
from tecken.core.crash_texts.resolve import ByCodeId, Guess, Guessed
from tecken.core.crash_texts.writer import write_text
from tecken.core.errors import InvalidRequestError, LimitExceededError
from tecken.core.symbols.limits import LookupLimits
from tecken.symbolication.limits import SMALL_FRAMES
from tecken.symbolication.measures import note_symbolication
from tecken.symbolication.services import limits, supplier_for, trim
from tecken.symbolication.text_form import read_text_request
from tecken.symbolication.admission import carrying_frames, must_post, read_body
from tecken.upload.selectors import modules_of_code_id, newest_module
from tecken.web.codings import reads_gzip
from tecken.web.cors import any_origin
from tecken.web.turns import turn_to_compute

_TYPES = ["text/plain", "application/json"]
_MAX_GUESSES = 200  # each asks the database
# What a JSON text becomes: bytes for each value, and for each list or object around some.
_VALUE_BYTES, _CONTAINER_BYTES = 60, 250
_MAX_JSON_BYTES = 256 * 1024 * 1024
_BEGINS_JSON = re.compile(r'[\ufeff\s]*+(?:\{|\[\s*+[\[{"])')


@csrf_exempt
@any_origin("POST")
@reads_gzip
def text(request: HttpRequest) -> HttpResponseBase:
    """Answer a crash text, or a form that has one, as text or as JSON."""
    if request.method != "POST":
        return must_post()
    started = perf_counter()
    guess = _guess_of(request)
    crash, encoding = read_body(request, lambda body: _read(request, body, guess))
    jobs = jobs_of(crash)
    frames = len(crash.frames)
    turn = nullcontext if frames <= SMALL_FRAMES else turn_to_compute
    with carrying_frames(frames):
        try:
            supplier = supplier_for(jobs)
            lookups = LookupLimits(limits().seconds, limits().answer_bytes)
            named = name_frames(crash, supplier, supplier.modules_at_once, lookups, turn)
            with turn():
                response = _answer(request, named, encoding)
        finally:
            trim()
    note_symbolication("text", jobs, named.found, perf_counter() - started)
    return response


def _read(request: HttpRequest, body: bytes, guess: Guess | None) -> tuple[CrashText, str]:
    sent = read_text_request(request.headers.get("Content-Type", ""), body)
    if _BEGINS_JSON.match(sent.text):
        _check_json(sent.text)
    crash = read_crash_text(sent.text, sent.modules, guess, limits().frames, _by_code_id())
    if len(crash.frames) > limits().frames:
        raise LimitExceededError(f"The text has more than {limits().frames:,} frames")
    limits().check(jobs_of(crash))
    return crash, sent.encoding


def _check_json(text: str) -> None:
    containers = text.count("{") + text.count("[")
    if text.count(",") * _VALUE_BYTES + containers * _CONTAINER_BYTES > _MAX_JSON_BYTES:
        raise LimitExceededError("The text has too many values of JSON")


def _answer(request: HttpRequest, named: NamedCrash, encoding: str) -> HttpResponse:
    check_size(named, limits().answer_bytes)
    if request.get_preferred_type(_TYPES) == "application/json":
        content = write_json(answer_of(named))
        response = HttpResponse(content, "application/json")
    else:
        charset = "utf-8" if encoding == "utf-8" else "utf-16"
        written = encode(write_text(named), encoding)
        response = HttpResponse(written, f"text/plain; charset={charset}")
    patch_vary_headers(response, ("Accept",))
    return response


def _by_code_id() -> ByCodeId:
    """Return what finds the module of a code id, of regular uploads first."""
    left = iter(range(_MAX_GUESSES))

    def find(code_file: str, code_id: str) -> Guessed | None:
        found = next(left, None) is not None and modules_of_code_id(
            code_file, code_id, with_try=True
        )
        return Guessed(found[0].debug_file, found[0].debug_id) if found else None

    return find


def _guess_of(request: HttpRequest) -> Guess | None:
    wanted, with_try = _is_true(request, "guess"), _is_true(request, "try")
    if not wanted:
        return None
    left = iter(range(_MAX_GUESSES))

    def guess(name: str) -> Guessed | None:
        module = None if next(left, None) is None else newest_module(name, with_try=with_try)
        return Guessed(*module) if module else None

    return guess


def _is_true(request: HttpRequest, name: str) -> bool:
    values = request.GET.getlist(name) or ["false"]
    if len(values) > 1 or values[0] not in {"true", "false"}:
        raise InvalidRequestError(f"{name} must be true or false")
    return values[0] == "true"
