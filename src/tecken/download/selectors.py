# SPDX-License-Identifier: MPL-2.0

"""Where files are found: by the key of symbols, or under any of several keys."""

from collections.abc import Iterator, Sequence

from django.conf import settings

from tecken.core.errors import ObjectNotFoundError, ObjectPendingError
from tecken.core.identifiers import SymbolKey
from tecken.core.locating.facts import Reader
from tecken.core.locating.generations import Generation
from tecken.core.locating.locator import Found
from tecken.core.storage.aliases import AliasKey
from tecken.core.storage.sources import Source
from tecken.download.microsoft.rules import may_come_from_microsoft
from tecken.web.locator import locator
from tecken.web.sources import all_sources, sources


class SymbolSearch:
    """Finds the symbol file of a module, and says what can be done where there is none."""

    def __init__(self, key: SymbolKey, *, with_try: bool, refresh: bool = False) -> None:
        """The source of try symbols is asked last, if at all. ``refresh`` asks whatever is remembered."""
        self._key, self._with_try = key, with_try
        self._asked = _asked(with_try=with_try)
        if refresh:
            _forget(key, self._asked)
        seconds = settings.SYMBOLDOWNLOAD_EXISTS_TTL_SECONDS
        # What Microsoft may have is there in a moment, stored by whichever process looked it up.
        missing_seconds = 0 if may_come_from_microsoft(key) else seconds
        self._reader = Reader("download", seconds, missing_seconds)
        self._made_under = locator().generations_of(key, self._asked, self._reader)

    def find(self) -> Found | None:
        """Return where the first source has it, perhaps under another key.

        Raises ObjectPendingError when it will be there soon, and StorageError when a source that comes before any
        that has it cannot be asked.
        """
        try:
            return locator().find_symbols(
                self._key, self._asked, self._reader, self._made_under, with_try=self._with_try
            )
        except ObjectPendingError:
            raise
        except ObjectNotFoundError:
            return None

    def begin_deriving(self) -> bool:
        """Say whether what was not found is derived from now on, of a native file that lies beside."""
        missing = {self._key: self._made_under.of_key}
        return bool(locator().derive(missing, with_try=self._with_try))


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
                return locator().find_by_alias(key, asked, self._reader, generation)
            return locator().find(key, asked, self._reader, generation)
        except ObjectPendingError:
            self.is_pending = True
        except ObjectNotFoundError:
            pass  # perhaps under another key
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
