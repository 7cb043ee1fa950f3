# SPDX-License-Identifier: MPL-2.0

"""Metrics and counts of symbolication, taken from what the lookups of a request have noted."""

from collections import Counter
from collections.abc import Sequence

from tecken.core.symbolicate import Job
from tecken.symbolication.answers import Symbols
from tecken.symbolication.daily_counts import request_counter
from tecken.web.metrics import (
    COLD,
    FRAMES,
    MODULES_FOUND,
    MODULES_MISSING,
    READ_BYTES,
    SYMBOLICATIONS,
    TIERS,
    WARM,
)


def note_symbolication(version: str, jobs: Sequence[Job], found: Symbols, seconds: float) -> None:
    """Note a request that was answered."""
    SYMBOLICATIONS.note(seconds, version=version)
    request_counter().add(version)
    FRAMES.add(sum(len(stack) for job in jobs for stack in job.stacks))
    missing = sum(symbols.error is not None for symbols in found.values())
    MODULES_FOUND.add(len(found) - missing)
    MODULES_MISSING.add(missing)
    read = sum(symbols.log.storage.stored_bytes for symbols in found.values())
    (COLD if read else WARM).add()
    READ_BYTES.add(read)
    tiers: Counter[tuple[str, str]] = Counter()
    for symbols in found.values():
        tiers += symbols.log.tiers
    for (tier, outcome), count in tiers.items():
        TIERS.add(count, tier=tier, outcome=outcome)
