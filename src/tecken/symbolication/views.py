# SPDX-License-Identifier: MPL-2.0

"""``POST /symbolicate/v5``, ``/symbolicate/v4`` and ``/``. They ignore cookies and content types."""

import weakref
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, nullcontext
from time import perf_counter

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.csrf import csrf_exempt

from tecken.core.symbolicate import Job, Turn
from tecken.symbolication.admission import carrying_frames, must_post, read_body
from tecken.symbolication.answers import Answer, Symbols, V4Answer, V5Answer
from tecken.symbolication.limits import SMALL_FRAMES, frames_of
from tecken.symbolication.looking_up import look_up
from tecken.symbolication.rendered_cache import RenderedBefore
from tecken.symbolication.request_metrics import note_symbolication
from tecken.symbolication.schemas import parse_v4, parse_v5
from tecken.symbolication.services import limits, rendered, supplier_for, trim
from tecken.web.codings import reads_gzip
from tecken.web.compute_turns import turn_to_compute
from tecken.web.cors import any_origin
from tecken.web.debug import wants_debug
from tecken.web.errors import method_not_allowed
from tecken.web.json_stream import Chunks, stream_json
from tecken.web.private import Strangers, reads_symbols, treating_strangers
from tecken.web.views import home

_TURN_BYTES = 512 * 1024  # of an answer are written in one turn, in some milliseconds


def _as_asked(request: HttpRequest) -> Strangers:
    """Of ``/``, serve everybody the web app."""
    is_page = request.method in {"GET", "HEAD"} and "web" in settings.SERVE_ONLY
    return Strangers.SERVED if is_page else Strangers.REFUSED


@reads_symbols
@csrf_exempt
@any_origin("POST")
@reads_gzip
def v5(request: HttpRequest) -> HttpResponseBase:
    """Answer a v5 request, or one that is a single job."""
    return _symbolicate(request, lambda body: parse_v5(body, limits()), V5Answer)


@reads_symbols
@csrf_exempt
@any_origin("POST")
@reads_gzip
def v4(request: HttpRequest) -> HttpResponseBase:
    """Answer a v4 request."""
    return _symbolicate(request, lambda body: [parse_v4(body, limits())], V4Answer)


@treating_strangers(_as_asked)
@reads_symbols
@csrf_exempt
@any_origin("GET", "HEAD", "POST")
@reads_gzip
def root(request: HttpRequest) -> HttpResponseBase:
    """Answer ``/``, where POST is v4 and everything else is the web app."""
    if request.method == "POST" or "web" not in settings.SERVE_ONLY:
        return v4(request)
    if request.method in {"GET", "HEAD"}:
        return home(request)
    return method_not_allowed(request, "GET, HEAD, POST, OPTIONS")


def _symbolicate(
    request: HttpRequest,
    parse: Callable[[bytes], Sequence[Job]],
    answer_type: type[Answer],
) -> HttpResponseBase:
    if request.method != "POST":
        return must_post()
    started = perf_counter()
    jobs = read_body(request, parse)
    parsed = perf_counter()
    supplier = supplier_for(jobs)
    before = RenderedBefore(answer_type.version, rendered)
    frames = frames_of(jobs)
    turn = nullcontext if frames <= SMALL_FRAMES else turn_to_compute
    with ExitStack() as carrying:
        lighten = carrying.enter_context(carrying_frames(frames))
        try:
            found = look_up(jobs, supplier, turn, before.wanted)
            lighten(sum(len(symbols.symbols) for symbols in found.values()))
            looked_up = perf_counter()
            with turn():
                answer = answer_type(jobs, found, before)
                size = answer.frames_bytes(limits().answer_bytes)
                limits().check_answer(size)
                answer.keep_rendered()
            debug_seconds = looked_up - started if wants_debug(request) else None
            chunks = _in_turns(answer.chunks(debug_seconds), turn)
            response = stream_json(request, _Carried(chunks, carrying.pop_all()), size)
        finally:
            trim()  # also of what was looked up and not found
    timings = {"parse": parsed - started, **_timings(found, looked_up - parsed)}
    finished = perf_counter()
    timings["write"] = finished - looked_up
    note_symbolication(answer_type.version, jobs, found, finished - started)
    response["Server-Timing"] = ", ".join(
        f"{name};dur={seconds * 1000:.3f}" for name, seconds in timings.items()
    )
    return response


def _in_turns(chunks: Iterator[Chunks], turn: Turn) -> Iterator[Chunks]:
    """Yield the chunks, many together: a turn costs a tenth of a millisecond.

    It is not held while somebody does something with them.
    """
    is_complete = False
    while not is_complete:
        together: list[bytes] = []
        size = 0
        with turn():
            for some in chunks:
                together += some
                size += sum(map(len, some))
                if size >= _TURN_BYTES:
                    break
            else:
                is_complete = True
        yield together


class _Carried:
    """Chunks; what is carried for them is put down at the last, when they are closed, or when they are dropped.

    What was looked up, each address once, stays in memory until then, and no longer.
    """

    def __init__(self, chunks: Iterator[Chunks], carrying: ExitStack) -> None:
        self._chunks = chunks
        self._put_down = weakref.finalize(self, carrying.close)

    def close(self) -> None:
        """Drop the chunks, and only then put down what is carried for them."""
        self._chunks = iter(())
        self._put_down()

    def __iter__(self) -> Iterator[Chunks]:
        return self

    def __next__(self) -> Chunks:
        try:
            return next(self._chunks)
        except BaseException:
            self.close()
            raise


def _timings(found: Symbols, total: float) -> dict[str, float]:
    find = sum(symbols.find_seconds for symbols in found.values())
    fetch = sum(symbols.log.seconds for symbols in found.values())
    return {"find": find, "fetch": fetch, "lookup": max(0.0, total - find - fetch)}
