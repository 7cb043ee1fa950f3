# SPDX-License-Identifier: MPL-2.0

"""Asks one S3 bucket: with time-outs, with a few more tries, and with our errors."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from tecken.core.errors import StorageError, StorageUnavailableError
from tecken.core.storage.s3_client import client
from tecken.core.storage.s3_errors import (
    S3_ERRORS,
    code_of,
    status_of,
    storage_error,
    with_retries,
)
from tecken.core.storage.s3_options import S3Access, TimeOuts

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_BUCKET_SEEN_SECONDS = 60

Answer = TypeVar("Answer")


class S3Connection:
    """One bucket, for all threads of a process."""

    def __init__(self, access: S3Access) -> None:
        self.access = access
        self.compares = True  # until the server says that it knows no conditional writes
        self.deletes_many = True  # the same of requests that delete many objects
        self._bucket_seen_until = 0.0

    def look_up(self, key: str | None, call: "Callable[[S3Client], Answer]") -> Answer:
        """Ask what must be answered soon; ``key`` is what errors are about. Raises StorageError."""
        return self._ask(key, call, self.access.options.lookup)

    def write(self, key: str | None, call: "Callable[[S3Client], Answer]") -> Answer:
        """Send something, which may take longer. Raises StorageError."""
        return self._ask(key, call, self.access.options.put)

    def error_of(self, key: str | None, error: ClientError | BotoCoreError) -> StorageError:
        """Make our error of what went wrong with a key.

        HEAD has no body that could tell a missing bucket from a missing key, so the bucket is asked
        for then, once per minute.
        """
        if key is not None and status_of(error) == 404 and code_of(error) == "404":
            self.expect_bucket()
        name, public = self.access.bucket, self.access.public
        return storage_error(name, key, error, public=public)

    def prepare(self) -> None:
        """Make the clients for looking up and for writing; nothing is asked. Raises StorageError."""
        for time_outs in (self.access.options.lookup, self.access.options.put):
            self._ask(None, lambda s3: None, time_outs)

    def check(self) -> None:
        """Ask for the bucket. Raises StorageUnavailableError."""
        try:
            self.look_up(None, lambda s3: s3.head_bucket(Bucket=self.access.bucket))
        except StorageUnavailableError as failure:
            # Who may read every object may still not be allowed to ask for the bucket.
            if not self.access.public or status_of_cause(failure) != 403:
                raise

    def _ask(
        self, key: str | None, call: "Callable[[S3Client], Answer]", time_outs: TimeOuts
    ) -> Answer:
        try:
            s3 = client(self.access, time_outs)
            return with_retries(lambda: call(s3), time_outs.read_seconds)
        except S3_ERRORS as error:
            raise self.error_of(key, error) from error

    def expect_bucket(self) -> None:
        """Ask for the bucket, once per minute. Raises StorageUnavailableError."""
        if time.monotonic() < self._bucket_seen_until:
            return
        self.check()
        self._bucket_seen_until = time.monotonic() + _BUCKET_SEEN_SECONDS


def status_of_cause(failure: StorageError) -> int:
    """Return the HTTP status that an error of ours was made of, 0 when there was none."""
    cause = failure.__cause__
    return status_of(cause) if isinstance(cause, S3_ERRORS) else 0
