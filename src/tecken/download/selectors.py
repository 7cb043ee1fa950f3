# SPDX-License-Identifier: MPL-2.0

"""Where symbol keys, and the originals of ids, are found."""

from collections.abc import Sequence
from contextlib import suppress

from django.conf import settings

from tecken.core.errors import InvalidNameError, ObjectNotFoundError, StorageError
from tecken.core.identifiers import SymbolKey
from tecken.core.locating.facts import Reader
from tecken.core.locating.generations import Generation
from tecken.core.locating.locator import Found
from tecken.core.storage.aliases import AliasKey
from tecken.core.storage.sources import Source
from tecken.download.microsoft.rules import may_come_from_microsoft
from tecken.web.locator import locator
from tecken.web.originals import originals
from tecken.web.sources import sources, try_source


def find_source(key: SymbolKey, *, with_try: bool, refresh: bool = False) -> Source | None:
    """Return the first source that has a key; that of try symbols is asked last, if at all.

    ``refresh`` asks the buckets whatever is remembered. Raises StorageError when a source that comes
    before any that has the key cannot be asked.
    """
    if refresh:
        locator().outdate(key)
    seconds = settings.SYMBOLDOWNLOAD_EXISTS_TTL_SECONDS
    # What Microsoft may have is there in a moment, stored by whichever process looked it up.
    reader = Reader("download", seconds, 0 if may_come_from_microsoft(key) else seconds)
    try:
        return locator().find(key, _asked(with_try=with_try), reader).source
    except ObjectNotFoundError:
        return None


class FileSearch:
    """Finds files under any of some keys; what others know of all of them is asked for at once."""

    def __init__(self, keys: Sequence[SymbolKey], *, with_try: bool, refresh: bool = False) -> None:
        """``refresh`` has the buckets asked, whatever is remembered. No key is that of a symbol file that Microsoft may have."""
        if refresh:
            for key in keys:
                locator().outdate(key)
        self._sources = _asked(with_try=with_try)
        self._reader = _reader()
        self._generations: dict[SymbolKey, Generation] = {}
        if len(keys) > 1 and any(source.remote for source in self._sources):
            read = locator().generations.read([str(key) for key in keys])
            self._generations = dict(zip(keys, read, strict=True))

    def first(self, keys: Sequence[SymbolKey]) -> Found | None:
        """Return the first of these keys that any source has, or what an alias among them points at.

        Raises StorageError.
        """
        for key in keys:
            generation = self._generations.get(key)
            with suppress(ObjectNotFoundError):
                if isinstance(key, AliasKey):
                    return originals().by_alias(key, self._sources, self._reader, generation)
                return locator().find(key, self._sources, self._reader, generation)
        return None


def find_original(native_id: str, role: str, *, with_try: bool) -> Found | None:
    """Return where the original of an id is: ``find_original("c6be8361…", "debuginfo", with_try=False)``.

    The id is in any case: a build id or the debug id of an ELF file, a UUID, GUID and age. Without the database: its
    key is asked for, and only when nobody has that, its alias. What can be no id is nowhere. Raises StorageError.
    """
    with suppress(ObjectNotFoundError, InvalidNameError):
        return originals().find(native_id, role, _asked(with_try=with_try), _reader())
    return None


def find_executable(code_id: str, name: str, *, with_try: bool) -> Found | None:
    """Return where an executable of Windows is, by timestamp and size of its image, and its name, in any case.

    Without the database; one question. Raises StorageError.
    """
    with suppress(ObjectNotFoundError, InvalidNameError):
        return originals().find_executable(code_id, name, _asked(with_try=with_try), _reader())
    return None


def _asked(*, with_try: bool) -> tuple[Source, ...]:
    return (*sources(), try_source()) if with_try else sources()


def _reader() -> Reader:
    seconds = settings.SYMBOLDOWNLOAD_EXISTS_TTL_SECONDS
    return Reader("download", seconds, seconds)


def stored_size(source: Source, key: SymbolKey) -> int | None:
    """Return the bytes of a key as stored; None where the source cannot tell at this moment."""
    try:
        return source.bucket.head(source.object_key(key)).size
    except StorageError:
        return None
