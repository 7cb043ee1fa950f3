# This Source Code Form is subject to the terms of the Mozilla Public
# License, v. 2.0. If a copy of the MPL was not distributed with this
# file, You can obtain one at https://mozilla.org/MPL/2.0/.

"""A bucket whose calls are measured."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import perf_counter
from typing import Any, cast

from tecken.core.errors import ObjectChangedError, ObjectNotFoundError, StorageError
from tecken.core.storage.base import Bucket
from tecken.web.metrics import STORAGE, STORAGE_ERRORS

_KINDS = ("head", "open", "open_range", "read_ranges", "put", "delete", "check")
_BLOCK = "create"  # lasts until the object is there


def measure(bucket: Bucket, source_name: str) -> Bucket:
    """Return the same bucket, with metrics that name its source."""
    return cast("Bucket", _MeasuredBucket(bucket, source_name))


class _MeasuredBucket:
    """Stands in front of a bucket; what is not measured is reached as if this was not there."""

    def __init__(self, bucket: Bucket, source_name: str) -> None:
        self._bucket = bucket
        self._source = source_name
        for kind in _KINDS:
            setattr(self, kind, self._measured(kind, getattr(bucket, kind)))
        setattr(self, _BLOCK, self._measured_block(bucket.create))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._bucket, name)

    def _measured(self, kind: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def measured(*args: Any, **options: Any) -> Any:
            with self._measuring(kind):
                return call(*args, **options)

        return measured

    def _measured_block(self, create: Callable[..., Any]) -> Callable[..., Any]:
        @contextmanager
        def measured(*args: Any, **options: Any) -> Iterator[Any]:
            with self._measuring(_BLOCK), create(*args, **options) as writer:
                yield writer

        return measured

    @contextmanager
    def _measuring(self, kind: str) -> Iterator[None]:
        started = perf_counter()
        try:
            yield
        except StorageError as error:
            if not isinstance(error, ObjectNotFoundError | ObjectChangedError):
                STORAGE_ERRORS.add(kind=kind, source=self._source)
            raise
        finally:
            STORAGE.note(perf_counter() - started, kind=kind, source=self._source)
