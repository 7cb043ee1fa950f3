# SPDX-License-Identifier: MPL-2.0

"""Where a symbol key is found."""

from django.conf import settings

from tecken.core.errors import ObjectNotFoundError, ObjectPendingError, StorageError
from tecken.core.identifiers import SymbolKey
from tecken.core.locating.facts import Reader
from tecken.core.storage.sources import Source
from tecken.download.microsoft.rules import may_come_from_microsoft
from tecken.web.locator import locator
from tecken.web.sources import all_sources, sources


def find_source(key: SymbolKey, *, with_try: bool, refresh: bool = False) -> Source | None:
    """Return the first source that has a key; that of try symbols is asked last, if at all.

    ``refresh`` asks the buckets whatever is remembered. Raises ObjectPendingError when it will be there soon, and
    StorageError when a source that comes before any that has the key cannot be asked.
    """
    asked = all_sources() if with_try else sources()
    if refresh:
        locator().outdate(key)
        for source in asked:
            if source.upstream is not None:
                source.upstream.forget(key)
    seconds = settings.SYMBOLDOWNLOAD_EXISTS_TTL_SECONDS
    # What Microsoft may have is there in a moment, stored by whichever process looked it up.
    reader = Reader("download", seconds, 0 if may_come_from_microsoft(key) else seconds)
    try:
        return locator().find(key, asked, reader).source
    except ObjectPendingError:
        raise
    except ObjectNotFoundError:
        return None


def stored_size(source: Source, key: SymbolKey) -> int | None:
    """Return the bytes of a key as stored; None where the source cannot tell at this moment."""
    try:
        return source.bucket.head(source.object_key(key)).size
    except StorageError:
        return None
