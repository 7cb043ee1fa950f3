# SPDX-License-Identifier: MPL-2.0

"""The storage protocol: what every bucket can do, whatever keeps its objects.

A bucket is a flat map of keys to objects. An object has bytes, a content type, perhaps a content
encoding, and metadata (short ASCII names and values, as S3 has them). An object becomes visible
only whole: readers see the old version or the new one.

Errors: ObjectNotFoundError when the bucket answered that the key is not there,
StorageUnavailableError when it could not be asked, ObjectChangedError when ``if_match`` does not
hold, NoRoomError when there is no room to write.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Protocol

ANY_VERSION = "*"  # instead of an ETag: whatever the bucket has, or nothing
URL_SECONDS = 3300  # for how long a URL of an object can be used at least, where everybody may read
_NO_METADATA: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Content:
    """What an object is, apart from its bytes.

    ``metadata`` has lower-case names; ``content_encoding`` is ``"gzip"`` or None.
    """

    content_type: str = "application/octet-stream"
    content_encoding: str | None = None
    metadata: Mapping[str, str] = field(default_factory=lambda: _NO_METADATA)


@dataclass(frozen=True, slots=True)
class ListedObject:
    """One version of an object. ``size`` is in bytes as stored; ``etag`` has no quotes."""

    key: str
    size: int
    etag: str
    last_modified: datetime


@dataclass(frozen=True, slots=True)
class ObjectInfo(ListedObject):
    """All that is known of a version.

    That of an object just written has the time at which the bucket said so, which may be a second
    later than what it says when it is asked.
    """

    content: Content


class ObjectReader(Protocol):
    """An open object, or a range of it. ``read(n)`` returns at most ``n`` bytes, b"" at the end."""

    info: ObjectInfo

    def read(self, size: int = -1, /) -> bytes: ...

    def close(self) -> None: ...


class ObjectWriter(Protocol):
    """Takes the bytes of an object that nobody sees yet.

    Leaving the ``with`` block publishes it, unless it was published before; leaving it by an
    exception throws an object away that was not. ``info`` is there once it is published.
    """

    info: ObjectInfo

    def write(self, data: bytes | memoryview, /) -> int: ...

    def publish(self, over: str | None = ANY_VERSION) -> None:
        """Let everyone see the object, in place of the version with the ETag ``over`` only.

        None means that nothing may be there. Raises ObjectChangedError when something else is, and
        then the object can be published over that. Nothing can be written after it is published.
        A server that cannot compare replaces whatever it has.
        """


class Bucket(Protocol):
    """A location that keeps objects."""

    name: str  # for messages, rows and logs: "symbols" or "org-mozilla-symbols-public"

    def head(self, key: str) -> ObjectInfo:
        """Return what is known of the current version. Raises ObjectNotFoundError."""

    def heads(self, keys: Iterable[str]) -> Iterator[tuple[str, ObjectInfo | None]]:
        """Yield each of many keys with what ``head`` would return, None without an object.

        Far buckets are asked for many at the same time.
        """

    def open(
        self, key: str, *, if_match: str | None = None
    ) -> AbstractContextManager[ObjectReader]:
        """Open the whole object. ``if_match`` is an ETag: another version raises ObjectChangedError."""

    def open_range(
        self, key: str, start: int, end: int, *, if_match: str | None = None
    ) -> AbstractContextManager[ObjectReader]:
        """Open bytes ``start`` (included) to ``end`` (excluded, cut at the object's end)."""

    def read_ranges(
        self, key: str, ranges: Sequence[tuple[int, int]], *, if_match: str | None = None
    ) -> list[bytes]:
        """Read several ``(start, end)`` ranges of one version, in order; may fetch them concurrently."""

    def create(self, key: str, content: Content) -> AbstractContextManager[ObjectWriter]:
        """Write an object chunk by chunk; it replaces the key when the block ends well."""

    def put(self, key: str, data: bytes, content: Content) -> ObjectInfo:
        """Write a small object in one go."""

    def check_room(self, size: int) -> None:
        """Refuse to begin writing so many bytes where it is known that they have no room.

        Raises NoRoomError. A server says so only when it is written to.
        """

    def delete(self, key: str) -> None:
        """Delete an object; one that is not there is no error."""

    def delete_all(self, keys: Sequence[str]) -> None:
        """Delete many objects, by few requests where that can be done.

        When one cannot be deleted, some are, and which is not known.
        """

    def list(self, prefix: str = "", after: str = "") -> Iterator[ListedObject]:
        """Yield the objects whose keys begin with ``prefix``, in an order that is always the same.

        Those come that follow the key ``after`` in that order. S3 itself lists in the order of keys, by
        their bytes; a server that keeps folders may go folder by folder.
        """

    def url_of(self, key: str) -> str | None:
        """Return where anyone can read an object now, and for ``URL_SECONDS``.

        None when only we can hand it out.
        """

    def prepare(self) -> None:
        """Do what the first question would wait for otherwise; nothing is asked."""

    def check(self) -> None:
        """Ask whether the bucket can be used at all. Raises StorageUnavailableError."""

    def make(self) -> None:
        """Make the bucket, unless it exists or is not ours to make. Raises StorageError."""

    def sweep_temporary(self, prefix: str, older_than_seconds: float) -> int:
        """Delete what killed writers left unfinished; return how many objects that were.

        Of keys that begin with ``prefix``, as others may write to the bucket as well; a folder has a
        location of its own for what is unfinished. Whatever was written to since is left alone.
        """

    def sweep_metadata(self, older_than_seconds: float) -> int:
        """Delete metadata that is kept apart and whose object is gone; return how many."""
