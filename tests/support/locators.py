# SPDX-License-Identifier: MPL-2.0

"""Locators of processes, which share what they know if they have the same cache."""

from dataclasses import dataclass, field
from pathlib import Path

from tecken.core.locating.facts import SharedFacts
from tecken.core.locating.generations import Generations
from tecken.core.locating.locator import Locator


@dataclass
class Cache:
    """What processes share, in memory."""

    kept: dict[str, bytes] = field(default_factory=dict)

    def get(self, key: str) -> bytes | None:
        return self.kept.get(key)

    def set(self, key: str, value: bytes, seconds: int) -> None:
        assert seconds > 0
        self.kept[key] = value


def make_locator(generations: Generations, folder: Path, cache: Cache | None = None) -> Locator:
    """Return the locator of a process of the node that has the folder."""
    return Locator(SharedFacts(generations, cache or Cache()), folder / "locating")
