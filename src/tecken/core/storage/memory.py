# SPDX-License-Identifier: MPL-2.0

"""A bucket in memory, for notebooks and for tests of what stands on storage."""

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from datetime import UTC, datetime
from io import BytesIO

from tecken.core.errors import ObjectChangedError, ObjectNotFoundError
from tecken.core.storage.base import ANY_VERSION, Content, ObjectInfo, ObjectReader, ObjectWriter
from tecken.core.storage.heads import heads_one_by_one
from tecken.core.storage.keys import check_object_key


class MemoryBucket:
    """A ``Bucket`` that is gone with the process. Safe to use from several threads."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._objects: dict[str, tuple[ObjectInfo, bytes]] = {}
        self._versions = 0
        self._lock = threading.Lock()

    def head(self, key: str) -> ObjectInfo:
        """Return what is known of the current version. Raises ObjectNotFoundError."""
        return self._get(key, None)[0]

    def heads(self, keys: Iterable[str]) -> Iterator[tuple[str, ObjectInfo | None]]:
        """Yield each key with what is known of its object, None without one."""
        return heads_one_by_one(self, keys)

    def open(
        self, key: str, *, if_match: str | None = None
    ) -> AbstractContextManager[ObjectReader]:
        """Open the whole object."""
        return closing(_Reader(*self._get(key, if_match)))

    def open_range(
        self, key: str, start: int, end: int, *, if_match: str | None = None
    ) -> AbstractContextManager[ObjectReader]:
        """Open bytes ``start`` (included) to ``end`` (excluded, cut at the object's end)."""
        info, data = self._get(key, if_match)
        return closing(_Reader(info, data[start:end]))

    def read_ranges(
        self, key: str, ranges: Sequence[tuple[int, int]], *, if_match: str | None = None
    ) -> list[bytes]:
        """Read several ``(start, end)`` ranges of one version, in order."""
        _, data = self._get(key, if_match)
        return [data[start:end] for start, end in ranges]

    @contextmanager
    def create(self, key: str, content: Content) -> Iterator[ObjectWriter]:
        """Write an object chunk by chunk; it replaces the key when the block ends well."""
        check_object_key(key)
        writer = _Writer(lambda data, over: self._put(key, data, content, over))
        yield writer
        writer.finish()

    def put(self, key: str, data: bytes, content: Content) -> ObjectInfo:
        """Write a small object in one go."""
        check_object_key(key)
        return self._put(key, data, content, ANY_VERSION)

    def check_room(self, size: int) -> None:
        """Only writing tells."""

    def delete(self, key: str) -> None:
        """Delete an object; one that is not there is no error."""
        check_object_key(key)
        with self._lock:
            self._objects.pop(key, None)

    def delete_all(self, keys: Sequence[str]) -> None:
        """Delete many objects."""
        for key in keys:
            self.delete(key)

    def list(self, prefix: str = "", after: str = "") -> Iterator[ObjectInfo]:
        """Yield the objects whose keys begin with ``prefix`` and follow ``after``, in their order."""
        with self._lock:
            keys = sorted(key for key in self._objects if key.startswith(prefix) and key > after)
            infos = [self._objects[key][0] for key in keys]
        yield from infos

    def url_of(self, key: str) -> str | None:
        """Memory cannot be read from elsewhere."""
        return None

    def prepare(self) -> None:
        """Nothing is slow the first time."""

    def check(self) -> None:
        """Memory can always be used."""

    def make(self) -> None:
        """Memory is there."""

    def sweep_temporary(self, prefix: str, older_than_seconds: float) -> int:
        """Nothing outlives its writer here."""
        return 0

    def sweep_metadata(self, older_than_seconds: float) -> int:
        """Metadata goes with its object."""
        return 0

    def _put(self, key: str, data: bytes, content: Content, over: str | None) -> ObjectInfo:
        with self._lock:
            current = self._objects[key][0].etag if key in self._objects else None
            if over not in {ANY_VERSION, current}:
                raise ObjectChangedError(self.name, key)
            self._versions += 1
            now = datetime.now(UTC)
            info = ObjectInfo(key, len(data), f"{self._versions:x}", now, content)
            self._objects[key] = info, data
        return info

    def _get(self, key: str, if_match: str | None) -> tuple[ObjectInfo, bytes]:
        check_object_key(key)
        with self._lock:
            try:
                info, data = self._objects[key]
            except KeyError:
                raise ObjectNotFoundError(self.name, key) from None
        if if_match not in {None, info.etag}:
            raise ObjectChangedError(self.name, key)
        return info, data


class _Reader(BytesIO):
    def __init__(self, info: ObjectInfo, data: bytes) -> None:
        super().__init__(data)
        self.info = info


class _Writer(BytesIO):
    info: ObjectInfo

    def __init__(self, publish: Callable[[bytes, str | None], ObjectInfo]) -> None:
        super().__init__()
        self._publish = publish

    def publish(self, over: str | None = ANY_VERSION) -> None:
        self.info = self._publish(self.getvalue(), over)

    def finish(self) -> None:
        if not hasattr(self, "info"):
            self.publish()
