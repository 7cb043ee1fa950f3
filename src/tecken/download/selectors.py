# This Source Code Form is subject to the terms of the Mozilla Public
# License, v. 2.0. If a copy of the MPL was not distributed with this
# file, You can obtain one at https://mozilla.org/MPL/2.0/.

"""Where a symbol key is found."""

from tecken.core.errors import ObjectNotFoundError
from tecken.core.identifiers import SymbolKey
from tecken.core.storage.sources import Source
from tecken.web.sources import sources, try_source


def find_source(key: SymbolKey, *, with_try: bool) -> Source | None:
    """Return the first source that has a key; that of try symbols is asked last, if at all.

    Raises StorageUnavailableError when a source cannot be asked: whether a later one has the key
    does not matter, as its object may be another.
    """
    asked = (*sources(), try_source()) if with_try else sources()
    return next((source for source in asked if _has(source, key)), None)


def _has(source: Source, key: SymbolKey) -> bool:
    try:
        source.bucket.head(source.object_key(key))
    except ObjectNotFoundError:
        return False
    return True
