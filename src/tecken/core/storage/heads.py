# This Source Code Form is subject to the terms of the Mozilla Public
# License, v. 2.0. If a copy of the MPL was not distributed with this
# file, You can obtain one at https://mozilla.org/MPL/2.0/.

"""Asking for many keys where each takes microseconds."""

from collections.abc import Iterable, Iterator
from typing import Protocol

from tecken.core.errors import ObjectNotFoundError
from tecken.core.storage.base import ObjectInfo


class _HasHead(Protocol):
    def head(self, key: str) -> ObjectInfo: ...


def heads_one_by_one(
    bucket: _HasHead, keys: Iterable[str]
) -> Iterator[tuple[str, ObjectInfo | None]]:
    """Yield each key with what the bucket's ``head`` returns, None without an object."""
    for key in keys:
        try:
            yield key, bucket.head(key)
        except ObjectNotFoundError:
            yield key, None
