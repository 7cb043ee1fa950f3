# SPDX-License-Identifier: MPL-2.0

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
