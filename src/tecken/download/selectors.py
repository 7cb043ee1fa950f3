# SPDX-License-Identifier: MPL-2.0

"""Where a symbol key is found."""

from collections.abc import Sequence
from contextlib import suppress

from django.conf import settings

from tecken.core.errors import ObjectNotFoundError, StorageError
from tecken.core.identifiers import SymbolKey
from tecken.core.locating.facts import Reader
from tecken.core.locating.generations import Generation
from tecken.core.locating.locator import Found
from tecken.core.storage.sources import Source
from tecken.download.microsoft.rules import may_come_from_microsoft
from tecken.web.locator import locator
from tecken.web.sources import sources, try_source


def find_source(key: SymbolKey, *, with_try: bool, refresh: bool = False) -> Source | None:
    """Return the first source that has a key; that of try symbols is asked last, if at all.

    ``refresh`` asks the buckets whatever is remembered. Raises StorageError when a source that comes
    before any that has the key cannot be asked.
    """
    if refresh:
        locator().outdate(key)
    asked = (*sources(), try_source()) if with_try else sources()
    seconds = settings.SYMBOLDOWNLOAD_EXISTS_TTL_SECONDS
    # What Microsoft may have is there in a moment, stored by whichever process looked it up.
    reader = Reader("download", seconds, 0 if may_come_from_microsoft(key) else seconds)
    try:
        return locator().find(key, asked, reader).source
    except ObjectNotFoundError:
        return None


def find_file(keys: Sequence[SymbolKey], *, with_try: bool, refresh: bool = False) -> Found | None:
    """Return the first of some keys that any source has, as above. None is that of a symbol file.

    What others know of all of them is asked for at once.
    """
    asked = (*sources(), try_source()) if with_try else sources()
    if refresh:
        for key in keys:
            locator().outdate(key)
    seconds = settings.SYMBOLDOWNLOAD_EXISTS_TTL_SECONDS
    reader = Reader("download", seconds, seconds)
    generations: Sequence[Generation | None] = [None] * len(keys)
    if len(keys) > 1 and any(source.remote for source in asked):
        generations = locator().generations.read([str(key) for key in keys])
    for key, generation in zip(keys, generations, strict=True):
        with suppress(ObjectNotFoundError):
            return locator().find(key, asked, reader, generation)
    return None


def stored_size(source: Source, key: SymbolKey) -> int | None:
    """Return the bytes of a key as stored; None where the source cannot tell at this moment."""
    try:
        return source.bucket.head(source.object_key(key)).size
    except StorageError:
        return None
