# This Source Code Form is subject to the terms of the Mozilla Public
# License, v. 2.0. If a copy of the MPL was not distributed with this
# file, You can obtain one at https://mozilla.org/MPL/2.0/.

"""The generations that all worker processes of this server share."""

from functools import lru_cache
from pathlib import Path

from django.conf import settings

from tecken.core.generations import FileGenerations, Generations
from tecken.core.identifiers import SymbolKey


def generations() -> Generations:
    """Return the generations of symbol keys, to be asked before a cached answer is used."""
    return _open(settings.DATA_DIR / "generations")


def raise_generation(key: SymbolKey) -> None:
    """Note that a symbol key has new content."""
    generations().raise_([str(key)])


@lru_cache(maxsize=4)
def _open(path: Path) -> Generations:
    return FileGenerations(path)
