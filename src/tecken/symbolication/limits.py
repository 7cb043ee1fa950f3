# SPDX-License-Identifier: MPL-2.0

"""How much one symbolication request may ask for."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from math import inf

from tecken.core.errors import LimitExceededError
from tecken.core.symbolicate import Job
from tecken.core.symbols.lookup_limits import answer_too_large

# A body of so many bytes, with so many frames, is small: it is always served, whatever others do.
SMALL_BYTES = 1024 * 1024
SMALL_FRAMES = 2_000
# With so many frames, all other parts at their limits, and some more, a body is as small to decode.
_SMALL_VALUES = 70_000
_UNCOUNTED_BYTES = 256 * 1024  # cannot become more than what so many values do, about
# What the keys of a request that are ignored may have in addition to all else.
_IGNORED_VALUES = 250_000
_MAX_KEYS = 100_000


@dataclass(frozen=True, slots=True)
class Limits:
    """Counts over the whole request. The defaults suit a command line without a server.

    ``answer_bytes`` and ``seconds`` have no limit there. A frame takes a few bytes of a request and, deep in inlined
    templates, tens of kilobytes of its answer, so the limit of frames alone bounds no memory.
    """

    body_bytes: int = 32 * 1024 * 1024
    jobs: int = 100
    modules: int = 5_000
    stacks: int = 50_000
    frames: int = 500_000
    answer_bytes: int = sys.maxsize
    seconds: float = inf  # of lookups

    def check_body(self, size: int) -> None:
        """Raises LimitExceededError for a body of more bytes."""
        _check("bytes", size, self.body_bytes)

    def check_signs(self, body: bytes) -> None:
        """Raises LimitExceededError for a body that has more commas or colons than others could need.

        This is known before anything is decoded. Each comma may become an object of 64 to 90 bytes,
        and each colon a key, of some 200.
        """
        values = 2 * (self.frames + self.modules) + self.stacks + self.jobs + _IGNORED_VALUES
        _check("values", body.count(b","), values)
        _check("keys", body.count(b":"), _MAX_KEYS)

    def check_parts(self, jobs: int, modules: int, stacks: int) -> None:
        """Raises LimitExceededError that names what there is too much of."""
        _check("jobs", jobs, self.jobs)
        _check("modules", modules, self.modules)
        _check("stacks", stacks, self.stacks)

    def check(self, jobs: Sequence[Job]) -> None:
        """Raises LimitExceededError that names what there is too much of."""
        self.check_parts(
            len(jobs),
            sum(len(job.modules) for job in jobs),
            sum(len(job.stacks) for job in jobs),
        )
        _check("frames", frames_of(jobs), self.frames)

    def check_answer(self, size: int) -> None:
        """Raises LimitExceededError for an answer of more bytes."""
        if size > self.answer_bytes:
            raise answer_too_large(self.answer_bytes)


def frames_of(jobs: Sequence[Job]) -> int:
    """Return how many frames the jobs have together."""
    return sum(sum(map(len, job.stacks)) for job in jobs)


def values_of(body: bytes) -> int:
    """Return how many values a body has at most, known by its commas; 0 when they are few."""
    if len(body) <= _UNCOUNTED_BYTES:
        return 0
    values = body.count(b",")
    return 0 if values <= _SMALL_VALUES else values


def _check(what: str, count: int, limit: int) -> None:
    if count > limit:
        raise LimitExceededError(f"The request has {count:,} {what}; at most {limit:,} are allowed")
