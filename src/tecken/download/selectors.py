# This Source Code Form is subject to the terms of the Mozilla Public
# License, v. 2.0. If a copy of the MPL was not distributed with this
# file, You can obtain one at https://mozilla.org/MPL/2.0/.

"""Where a symbol key is found."""

from functools import cache

from django.conf import settings
from django.core.cache import caches

from tecken.core.errors import StorageError
from tecken.core.existence import CachedEntries, Existence, RedisEntries
from tecken.core.generations import RedisGenerations
from tecken.core.identifiers import SymbolKey
from tecken.core.storage.sources import Source
from tecken.download.microsoft.rules import may_come_from_microsoft
from tecken.web.generations import generations
from tecken.web.redis import redis_of
from tecken.web.sources import sources, try_source


def find_source(key: SymbolKey, *, with_try: bool, refresh: bool = False) -> Source | None:
    """Return the first source that has a key; that of try symbols is asked last, if at all.

    ``refresh`` asks the buckets whatever is remembered. Raises StorageError when a source that comes
    before any that has the key cannot be asked.
    """
    asked = (*sources(), try_source()) if with_try else sources()
    # What Microsoft may have is there in a moment, stored by whichever process looked it up.
    keep_missing = not may_come_from_microsoft(key)
    return existence().find(key, asked, refresh=refresh, keep_missing=keep_missing)


def stored_size(source: Source, key: SymbolKey) -> int | None:
    """Return the bytes of a key as stored; None where the source cannot tell at this moment."""
    try:
        return source.bucket.head(source.object_key(key)).size
    except StorageError:
        return None


@cache
def existence() -> Existence:
    """Return what this process knows, or can find out, of where keys are."""
    shared, redis = generations(), redis_of("default")
    entries = (
        RedisEntries(redis, shared)
        if redis and isinstance(shared, RedisGenerations)
        else CachedEntries(caches["default"], shared)
    )
    folder = settings.DATA_DIR / "cache" / "asking"
    return Existence(entries, folder, settings.SYMBOLDOWNLOAD_EXISTS_TTL_SECONDS)
