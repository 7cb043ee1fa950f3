# SPDX-License-Identifier: MPL-2.0

"""Where the original of an id is: at its own key, or where an alias points.

Both are keys that the locator finds as any other, and remembers by their generations. What an alias points at is
remembered by its version.
"""

from collections.abc import Sequence
from contextlib import suppress
from threading import Lock
from typing import Final

from tecken.core.errors import (
    ObjectChangedError,
    ObjectNotFoundError,
    StorageUnavailableError,
)
from tecken.core.identifiers import NativeKey, SymbolKey
from tecken.core.locating.facts import Reader
from tecken.core.locating.generations import Generation
from tecken.core.locating.locator import Found, Locator
from tecken.core.storage.aliases import AliasKey, target_of
from tecken.core.storage.sources import Source

_MAX_TARGETS: Final = 10_000  # some 4 MB
_ATTEMPTS = 5


class Originals:
    """Finds originals, for one process and one reader. ``sources`` are asked in order."""

    def __init__(self, locator: Locator) -> None:
        self._locator = locator
        self._targets: dict[str, SymbolKey | None] = {}
        self._lock = Lock()

    def find(self, native_id: str, role: str, sources: Sequence[Source], reader: Reader) -> Found:
        """Return where the original of an id is: ``"c6be8361…"``, ``"debuginfo"``.

        The id is in any case: a build id, or the debug id of an ELF file; a UUID; GUID and age. Its key is asked for
        first, and only when nobody has that, its alias. Raises ObjectNotFoundError, InvalidNameError for what can be no
        id, and StorageError as the locator does.
        """
        with suppress(ObjectNotFoundError):
            return self._locator.find(NativeKey.of_id(native_id, role), sources, reader)
        return self.by_alias(AliasKey.of_id(native_id, role), sources, reader)

    def find_executable(
        self, code_id: str, name: str, sources: Sequence[Source], reader: Reader
    ) -> Found:
        """Return where an executable of Windows is, by timestamp and size of its image, and its name.

        Raises as ``find``.
        """
        return self.by_alias(AliasKey.of_name(code_id, name), sources, reader)

    def by_alias(
        self,
        alias: AliasKey,
        sources: Sequence[Source],
        reader: Reader,
        generation: Generation | None = None,
    ) -> Found:
        """Return where the original is that an alias points at; ``generation`` is the alias's, where it was read.

        Raises as ``find``.
        """
        for _ in range(_ATTEMPTS):
            found = self._locator.find(alias, sources, reader, generation)
            try:
                target = self._target_of(found)
            except (ObjectChangedError, ObjectNotFoundError):
                self._locator.forget(found)
                generation = None
                continue
            if target is None:
                raise ObjectNotFoundError(found.source.name, str(alias))
            return self._locator.find(target, [found.source], reader)
        raise StorageUnavailableError("all sources", str(alias), "replaced again and again")

    def _target_of(self, found: Found) -> SymbolKey | None:
        with self._lock:
            if found.identity in self._targets:
                return self._targets[found.identity]
        target = target_of(found.source, found.info)
        with self._lock:
            if len(self._targets) >= _MAX_TARGETS:
                self._targets.clear()
            self._targets[found.identity] = target
        return target
