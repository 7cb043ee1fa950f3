# SPDX-License-Identifier: MPL-2.0

"""Keep the cache of other servers' files within its bound: what has been there longest goes."""

import re

from tecken.core.storage.base import Bucket, ListedObject

_KEPT_PART = 0.9  # of the bound, so that the next object does not need all of this again
_DELETED_AT_ONCE = 500
_OF_A_SERVER = re.compile(r"[a-z0-9-]+-[0-9a-f]{8}/.")  # nothing else goes, whatever bucket this is


def evict(bucket: Bucket, prefix: str, max_bytes: int, *, dry_run: bool = False) -> tuple[int, int]:
    """Delete the oldest objects below ``prefix`` when all take more than ``max_bytes``.

    Return how many went, and the bytes that are left. Indexes are objects, too: one that went before its object is
    made anew when it is needed. Raises StorageError.
    """
    objects: list[ListedObject] = sorted(
        filter(lambda listed: _OF_A_SERVER.match(listed.key, len(prefix)), bucket.list(prefix)),
        key=lambda listed: listed.last_modified,
        reverse=True,
    )
    left = sum(listed.size for listed in objects)
    going: list[str] = []
    if left > max_bytes:
        while objects and left > max_bytes * _KEPT_PART:
            oldest = objects.pop()
            left -= oldest.size
            going.append(oldest.key)
    if not dry_run:
        for start in range(0, len(going), _DELETED_AT_ONCE):
            bucket.delete_all(going[start : start + _DELETED_AT_ONCE])
    return len(going), left
