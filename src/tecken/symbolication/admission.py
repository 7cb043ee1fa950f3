# SPDX-License-Identifier: MPL-2.0

"""What a request is admitted by: its body and its frames are weighed before they take any room.

Nobody signs in here, so one client must not keep others from being served. Small requests never wait.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TypeVar

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from tecken.core.concurrency.semaphores import WeightedSemaphore
from tecken.symbolication.limits import SMALL_BYTES, SMALL_FRAMES, values_of
from tecken.symbolication.services import limits
from tecken.web.codings import open_body
from tecken.web.compute_turns import turn_to_compute
from tecken.web.request_body import declared_length
from tecken.web.responses import json_error

_PATIENCE_SECONDS = 2.0
# Measured on optimised C++: 140,000 addresses, all different, take 750 MB until they are sent.
_looked_up = WeightedSemaphore(
    100_000, _PATIENCE_SECONDS, "Too many frames are being looked up: try again later"
)
# Each value of a body may become an object of 64 to 90 bytes: so many take 64 MB, and a single large
# body 150. Decoding holds Python's lock, so nothing is gained by decoding two of these at once.
_decoded = WeightedSemaphore(
    750_000, _PATIENCE_SECONDS, "Too many large requests are being read: try again later"
)
_SHORT_BYTES = 64 * 1024  # are decoded in a millisecond, and wait for no turn

Parsed = TypeVar("Parsed")


def must_post() -> HttpResponseBase:
    """Answer another method than POST."""
    refusal = json_error("Must use HTTP POST", 405)
    refusal["Allow"] = "POST, OPTIONS"
    return refusal


def carrying_frames(frames: int) -> AbstractContextManager[Callable[[int], None]]:
    """Return what is held while so many frames are looked up and written; few weigh nothing, and never wait.

    The block gets a function that takes how many addresses these are, each counted once.
    """
    return _looked_up.carrying(0 if frames <= SMALL_FRAMES else frames)


def read_body(request: HttpRequest, parse: Callable[[bytes], Parsed]) -> Parsed:
    """Read and decode the body, while there is room for what it may become.

    Of what is larger than small bodies, inflated, only so much is in memory before that.
    """
    limits().check_body(declared_length(request.META) or 0)
    body = open_body(request, limits().body_bytes)
    small = min(SMALL_BYTES, limits().body_bytes)
    start = body.read(small + 1)
    if len(start) <= small:
        with admitted_to_parse(start):
            return parse(start)
    with _decoded.carrying(_decoded.most + 1):
        whole = start + body.read(limits().body_bytes + 1 - len(start))
        limits().check_body(len(whole))
        with _turn_to_decode(whole):
            return parse(whole)


@contextmanager
def admitted_to_parse(content: bytes) -> Iterator[None]:
    """Wait until there is room for what bytes in memory may become, and keep it while the block parses them."""
    weight = values_of(content) if len(content) <= SMALL_BYTES else _decoded.most + 1
    with _decoded.carrying(weight), _turn_to_decode(content):
        yield


def _turn_to_decode(body: bytes) -> AbstractContextManager[object]:
    return nullcontext() if len(body) <= _SHORT_BYTES else turn_to_compute()
