# SPDX-License-Identifier: MPL-2.0

"""What has to be removed from time to time: each kind is a periodic task, and done by ``tecken cleanup``.

An application registers what it leaves behind in its module ``tasks``.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from tecken.jobs.registry import background_task

HOUR = 3600
DAY = 24 * HOUR

logger = logging.getLogger(__name__)


class Remover(Protocol):
    """Removes what is too old and returns how many there were.

    With ``dry_run`` it removes nothing; None says that it cannot tell without removing.
    """

    def __call__(self, *, dry_run: bool) -> int | None: ...


@dataclass(frozen=True, slots=True)
class Cleaning:
    """One kind of leftovers. ``kind`` is for people, in the plural: ``expired sessions``."""

    kind: str
    remove: Remover

    def clean(self) -> int:
        """Remove them, and log how many there were."""
        count = self.remove(dry_run=False) or 0
        if count:
            logger.info("removed %d %s", count, self.kind)
        return count


_cleanings: list[Cleaning] = []


def cleaning(
    name: str, kind: str, *, time_limit_seconds: float = HOUR, every_seconds: int = DAY
) -> Callable[[Remover], Cleaning]:
    """Register what removes a kind of leftovers, as a background task ``name``, too."""

    def register(remove: Remover) -> Cleaning:
        new = Cleaning(kind, remove)

        @background_task(name, time_limit_seconds=time_limit_seconds, every_seconds=every_seconds)
        def run() -> None:
            new.clean()

        _cleanings.append(new)
        return new

    return register


def cleanings() -> Sequence[Cleaning]:
    """Return all kinds, in the order of the applications."""
    return tuple(_cleanings)
