# SPDX-License-Identifier: MPL-2.0

"""From a crash text to its answer, whatever brought the text: read, looked up, and written as text or JSON.

The text is not kept beyond the request, and no error quotes it.
"""

import re
from contextlib import nullcontext
from dataclasses import dataclass
from time import perf_counter

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers

from tecken.core.crash_texts.answer import answer_of, write_json
from tecken.core.crash_texts.encodings import encode
from tecken.core.crash_texts.model import CrashText
from tecken.core.crash_texts.naming import NamedCrash, check_size, jobs_of
from tecken.core.crash_texts.reader import read_crash_text
from tecken.core.crash_texts.resolve import ByCodeId, Guess, Guessed
from tecken.core.crash_texts.writer import write_text
from tecken.core.errors import InvalidRequestError, LimitExceededError
from tecken.symbolication.admission import carrying_frames
from tecken.symbolication.limits import SMALL_FRAMES
from tecken.symbolication.looking_up import name_crash
from tecken.symbolication.request_metrics import note_symbolication
from tecken.symbolication.services import limits, supplier_for, trim
from tecken.symbolication.text_form import TextRequest
from tecken.upload.selectors import modules_of_code_id, newest_module
from tecken.web.compute_turns import turn_to_compute

_TYPES = ["text/plain", "application/json"]
_MAX_GUESSES = 200  # each asks the database
# What a JSON text becomes: bytes for each value, and for each list or object around some.
_VALUE_BYTES, _CONTAINER_BYTES = 60, 250
_MAX_JSON_BYTES = 256 * 1024 * 1024
_BEGINS_JSON = re.compile(r'[\ufeff\s]*+(?:\{|\[\s*+[\[{"])')


@dataclass(frozen=True, slots=True)
class CrashRequest:
    """What is wanted of a crash text; ``version`` is what the request counts as.

    ``with_text``: JSON has the text, too. ``started`` is when it began, in seconds of ``perf_counter``.
    """

    version: str
    as_json: bool
    with_text: bool
    guess: Guess | None
    started: float

    @classmethod
    def of(cls, request: HttpRequest, version: str) -> "CrashRequest":
        """Read headers and parameters. Raises InvalidRequestError."""
        with_try = _is_true(request, "try")
        return cls(
            version,
            as_json=request.get_preferred_type(_TYPES) == "application/json",
            with_text=_is_true(request, "text"),
            guess=_guess(with_try=with_try) if _is_true(request, "guess") else None,
            started=perf_counter(),
        )


def read_crash(sent: TextRequest, guess: Guess | None) -> CrashText:
    """Read a crash text, within the limits. Raises InvalidRequestError, LimitExceededError."""
    if _BEGINS_JSON.match(sent.text):
        _check_json(sent.text)
    crash = read_crash_text(sent.text, sent.modules, guess, limits().frames, _by_code_id())
    if len(crash.frames) > limits().frames:
        raise LimitExceededError(f"The text has more than {limits().frames:,} frames")
    limits().check(jobs_of(crash))
    return crash


def answer_crash(wanted: CrashRequest, crash: CrashText, encoding: str) -> HttpResponse:
    """Look the frames of a crash text up, and answer it. Raises LimitExceededError, ModuleUnreachableError."""
    jobs = jobs_of(crash)
    frames = len(crash.frames)
    turn = nullcontext if frames <= SMALL_FRAMES else turn_to_compute
    with carrying_frames(frames):
        try:
            named = name_crash(crash, supplier_for(jobs), turn)
            with turn():
                response = _write(wanted, named, encoding)
        finally:
            trim()
    note_symbolication(wanted.version, jobs, named.found, perf_counter() - wanted.started)
    return response


def _write(wanted: CrashRequest, named: NamedCrash, encoding: str) -> HttpResponse:
    check_size(named, limits().answer_bytes)
    if wanted.as_json:
        text = write_text(named) if wanted.with_text else None
        response = HttpResponse(write_json(answer_of(named), text), "application/json")
    else:
        charset = "utf-8" if encoding == "utf-8" else "utf-16"
        written = encode(write_text(named), encoding)
        response = HttpResponse(written, f"text/plain; charset={charset}")
    patch_vary_headers(response, ("Accept",))
    return response


def _check_json(text: str) -> None:
    containers = text.count("{") + text.count("[")
    if text.count(",") * _VALUE_BYTES + containers * _CONTAINER_BYTES > _MAX_JSON_BYTES:
        raise LimitExceededError("The text has too many values of JSON")


def _by_code_id() -> ByCodeId:
    """Return what finds the module of a code id, of regular uploads first."""
    left = iter(range(_MAX_GUESSES))

    def find(code_file: str, code_id: str) -> Guessed | None:
        found = next(left, None) is not None and modules_of_code_id(
            code_file, code_id, with_try=True
        )
        return Guessed(found[0].debug_file, found[0].debug_id) if found else None

    return find


def _guess(*, with_try: bool) -> Guess:
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
