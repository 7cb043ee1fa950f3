# SPDX-License-Identifier: MPL-2.0

"""Where symbol keys, and the originals of ids, are found."""

from collections.abc import Iterator, Sequence
from contextlib import suppress

from django.conf import settings

from tecken.core.errors import (
    InvalidNameError,
    ObjectNotFoundError,
    ObjectPendingError,
    StorageError,
)
from tecken.core.identifiers import SymbolKey
from tecken.core.locating.facts import Reader
from tecken.core.locating.generations import Generation
from tecken.core.locating.locator import Found
from tecken.core.storage.aliases import AliasKey
from tecken.core.storage.sources import Source
from tecken.download.microsoft.rules import may_come_from_microsoft
from tecken.web.locator import locator
from tecken.web.originals import originals
from tecken.web.sources import all_sources, sources


def find_source(key: SymbolKey, *, with_try: bool, refresh: bool = False) -> Source | None:
    """Return the first source that has a key; that of try symbols is asked last, if at all.

    ``refresh`` asks the buckets whatever is remembered. Raises ObjectPendingError when it will be there soon, and
    StorageError when a source that comes before any that has the key cannot be asked.
    """
    asked = _asked(with_try=with_try)
    if refresh:
        _forget(key, asked)
    seconds = settings.SYMBOLDOWNLOAD_EXISTS_TTL_SECONDS
    # What Microsoft may have is there in a moment, stored by whichever process looked it up.
    reader = Reader("download", seconds, 0 if may_come_from_microsoft(key) else seconds)
    try:
        return locator().find(key, asked, reader).source
    except ObjectPendingError:
        raise
    except ObjectNotFoundError:
        return None


class FileSearch:
    """Finds files under any of some keys; what others know of all of them is asked for at once.

    ``is_pending`` once one was not found that will be there soon.
    """

    def __init__(self, keys: Sequence[SymbolKey], *, with_try: bool, refresh: bool = False) -> None:
        """``refresh`` has the buckets asked, whatever is remembered. No key is that of a symbol file."""
        self.is_pending = False
        asked = _asked(with_try=with_try)
        if refresh:
            for key in keys:
                _forget(key, asked)
        self._rounds = tuple(_rounds(with_try=with_try))
        self._reader = _reader()
        self._generations: dict[SymbolKey, Generation] = {}
        if len(keys) > 1 and any(source.remote for source in asked):
            read = locator().generations.read([str(key) for key in keys])
            self._generations = dict(zip(keys, read, strict=True))

    def first(self, keys: Sequence[SymbolKey]) -> Found | None:
        """Return the first of these keys that any source has, or what an alias among them points at.

        Raises StorageError.
        """
        found = (self._find(key, asked) for asked in self._rounds for key in keys)
        return next(filter(None, found), None)

    def _find(self, key: SymbolKey, asked: Sequence[Source]) -> Found | None:
        generation = self._generations.get(key)
        try:
            if isinstance(key, AliasKey):
                return originals().by_alias(key, asked, self._reader, generation)
            return locator().find(key, asked, self._reader, generation)
        except ObjectPendingError:
            self.is_pending = True
        except ObjectNotFoundError:
            pass  # perhaps under another key
        return None


def find_original(native_id: str, role: str, *, with_try: bool) -> Found | None:
    """Return where the original of an id is: ``find_original("c6be8361…", "debuginfo", with_try=False)``.

    The id is in any case: a build id or the debug id of an ELF file, a UUID, GUID and age. Without the database: its
    key is asked for, and only when nobody has that, its alias. What can be no id is nowhere. Raises StorageError.
    """
    for asked in _rounds(with_try=with_try):
        with suppress(ObjectNotFoundError, InvalidNameError):
            return originals().find(native_id, role, asked, _reader())
    return None


def find_executable(code_id: str, name: str, *, with_try: bool) -> Found | None:
    """Return where an executable of Windows is, by timestamp and size of its image, and its name, in any case.

    Without the database; one question. Raises StorageError.
    """
    with suppress(ObjectNotFoundError, InvalidNameError):
        return originals().find_executable(code_id, name, _asked(with_try=with_try), _reader())
    return None


def _asked(*, with_try: bool) -> tuple[Source, ...]:
    return all_sources() if with_try else sources()


def _rounds(*, with_try: bool) -> Iterator[Sequence[Source]]:
    """Yield the buckets, and then other symbol servers: those are asked when no key of several is in a bucket."""
    asked = _asked(with_try=with_try)
    yield [source for source in asked if source.upstream is None]
    servers = [source for source in asked if source.upstream is not None]
    if servers:
        yield servers


def _forget(key: SymbolKey, asked: Sequence[Source]) -> None:
    locator().outdate(key)
    for source in asked:
        if source.upstream is not None:
            source.upstream.forget(key)


def _reader() -> Reader:
    seconds = settings.SYMBOLDOWNLOAD_EXISTS_TTL_SECONDS
    return Reader("download", seconds, seconds)


def stored_size(source: Source, key: SymbolKey) -> int | None:
    """Return the bytes of a key as stored; None where the source cannot tell at this moment."""
    try:
        return source.bucket.head(source.object_key(key)).size
    except StorageError:
        return None
