# SPDX-License-Identifier: MPL-2.0

"""A bucket whose calls are measured, and which tells when it has answered."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any, cast

from tecken.core.errors import ObjectChangedError, ObjectNotFoundError, StorageError
from tecken.core.storage.base import Bucket, ObjectInfo
from tecken.web.metrics import STORAGE, STORAGE_ERRORS

_OF_OBJECTS = ("head", "open", "open_range", "read_ranges", "put", "delete")
_HEADS = "heads"
_DELETE_ALL = "delete_all"
_BLOCK = "create"  # lasts until the object is there
_CHECK = "check"

Answered = Callable[[str], None]


def measure(bucket: Bucket, source_name: str, answered: Answered | None = None) -> Bucket:
    """Return the same bucket, with metrics that name its source.

    ``answered`` is called with the key of each object that the bucket has answered a question about.
    """
    return cast("Bucket", _MeasuredBucket(bucket, source_name, answered or _tell_nobody))


def _tell_nobody(_key: str) -> None:
    """Nobody needs to know that a folder has answered."""


class _MeasuredBucket:
    """Stands in front of a bucket; what is not measured is reached as if this was not there."""

    def __init__(self, bucket: Bucket, source_name: str, answered: Answered) -> None:
        self._bucket = bucket
        self._source = source_name
        self._answered = answered
        for kind in _OF_OBJECTS:
            setattr(self, kind, self._measured(kind, getattr(bucket, kind)))
        setattr(self, _BLOCK, self._measured_block(bucket.create))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._bucket, name)

    def check(self) -> None:
        """Ask whether the bucket can be used; that says nothing of the objects in it."""
        with self._measuring(_CHECK):
            self._bucket.check()

    def heads(self, keys: Iterable[str]) -> Iterator[tuple[str, ObjectInfo | None]]:
        """Ask for many objects; the time is that of all of them, with what the caller does in between."""
        with self._measuring(_HEADS):
            for key, info in self._bucket.heads(keys):
                self._answered(key)
                yield key, info

    def delete_all(self, keys: Sequence[str]) -> None:
        """Delete many objects."""
        with self._measuring(_DELETE_ALL, keys[0] if keys else None):
            self._bucket.delete_all(keys)

    def _measured(self, kind: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def measured(key: str, *args: Any, **options: Any) -> Any:
            with self._measuring(kind, key):
                return call(key, *args, **options)

        return measured

    def _measured_block(self, create: Callable[..., Any]) -> Callable[..., Any]:
        @contextmanager
        def measured(key: str, *args: Any, **options: Any) -> Iterator[Any]:
            with self._measuring(_BLOCK, key), create(key, *args, **options) as writer:
                yield writer

        return measured

    def _measuring(self, kind: str, key: str | None = None) -> "_Measuring":
        return _Measuring(kind, self._source, key, self._answered)


@dataclass(slots=True)
class _Measuring:
    """The block of one call. No generator, as most that is asked for is not there, and to throw that into one takes time."""

    kind: str
    source: str
    key: str | None
    answered: Answered
    started: float = field(default_factory=perf_counter)

    def __enter__(self) -> None:
        pass

    def __exit__(self, _kind: object, error: BaseException | None, _traceback: object) -> None:
        if error is None or isinstance(error, (ObjectNotFoundError, ObjectChangedError)):
            if self.key is not None:
                self.answered(self.key)
        elif isinstance(error, StorageError):
            STORAGE_ERRORS.add(kind=self.kind, source=self.source)
        STORAGE.note(perf_counter() - self.started, kind=self.kind, source=self.source)
