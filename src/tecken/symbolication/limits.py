# This Source Code Form is subject to the terms of the Mozilla Public
# License, v. 2.0. If a copy of the MPL was not distributed with this
# file, You can obtain one at https://mozilla.org/MPL/2.0/.

"""How much one symbolication request may ask for."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from math import inf

from tecken.core.errors import LimitExceededError
from tecken.core.symbolicate import Job
from tecken.core.symbols.limits import answer_too_large


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

    def check(self, jobs: Sequence[Job]) -> None:
        """Raises LimitExceededError that names what there is too much of."""
        _check("jobs", len(jobs), self.jobs)
        _check("modules", sum(len(job.modules) for job in jobs), self.modules)
        _check("stacks", sum(len(job.stacks) for job in jobs), self.stacks)
        _check("frames", sum(len(stack) for job in jobs for stack in job.stacks), self.frames)

    def check_answer(self, size: int) -> None:
        """Raises LimitExceededError for an answer of more bytes."""
        if size > self.answer_bytes:
            raise answer_too_large(self.answer_bytes)


def _check(what: str, count: int, limit: int) -> None:
    if count > limit:
        raise LimitExceededError(f"The request has {count:,} {what}; at most {limit:,} are allowed")
