# SPDX-License-Identifier: MPL-2.0

"""What an S3 server's errors mean, and which of them are worth another try."""

import random
import time
from collections.abc import Callable
from typing import TypeVar

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError,
    ConnectTimeoutError,
    HTTPClientError,
    IncompleteReadError,
    ReadTimeoutError,
)

from tecken.core.errors import (
    NoConnectionError,
    NoRoomError,
    ObjectChangedError,
    ObjectNotFoundError,
    StorageError,
    StorageUnavailableError,
)

Answer = TypeVar("Answer")

# What S3 clients raise: ClientError for an answer that refuses, BotoCoreError when there is none.
S3_ERRORS = (ClientError, BotoCoreError)

_ATTEMPTS = 3
_FIRST_PAUSE_SECONDS = 0.1
_RETRIED_STATUSES = frozenset({429, 500, 502, 503, 504})
_RETRIED_ERRORS = (ConnectionError, HTTPClientError, IncompleteReadError)
_NOT_FOUND_CODES = frozenset({"NoSuchKey", "404"})
_NO_ROOM_CODES = frozenset({"QuotaExceeded", "InsufficientStorage", "XMinioStorageFull"})
_NO_ROOM_STATUS = 507
_CONFLICT_CODE = "ConditionalRequestConflict"  # somebody else writes the key at the same time


class BeyondEndError(StorageUnavailableError):
    """A range begins where the object has ended."""


def with_retries(call: Callable[[], Answer], patience_seconds: float) -> Answer:
    """Call once, and again when the server is busy, broken or cannot be reached.

    There are three attempts at most, and none begins after one and a half times
    ``patience_seconds`` (the time-out of one attempt): a server that hangs is asked twice.
    Raises what the last attempt raised.
    """
    started = time.monotonic()
    pause = _FIRST_PAUSE_SECONDS
    for _ in range(_ATTEMPTS - 1):
        try:
            return call()
        except S3_ERRORS as error:
            if not is_passing(error) or time.monotonic() - started > 1.5 * patience_seconds:
                raise
        time.sleep(random.uniform(pause / 2, pause))  # noqa: S311 - so that nodes part company
        pause *= 3
    return call()


def status_of(error: ClientError | BotoCoreError) -> int:
    """Return the HTTP status of an answer, 0 when there was none."""
    if isinstance(error, ClientError):
        return error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return 0


def code_of(error: ClientError | BotoCoreError) -> str:
    """Return the code of an answer: ``"NoSuchKey"``, or only ``"404"`` after a HEAD."""
    if isinstance(error, ClientError):
        return error.response.get("Error", {}).get("Code", "")
    return ""


def storage_error(
    name: str, key: str | None, error: ClientError | BotoCoreError, *, public: bool
) -> StorageError:
    """Return our error. A 404 without a code means the key: the caller has asked for the bucket.

    A public bucket that may not be listed says 403 of a key that is not there.
    """
    status, code = status_of(error), code_of(error)
    if key is not None:
        if code in _NOT_FOUND_CODES or (public and status == 403):
            return ObjectNotFoundError(name, key)
        if status == 412 or code == _CONFLICT_CODE:
            return ObjectChangedError(name, key)
        if status == 416:
            return BeyondEndError(name, key, "is shorter than the range that was asked for")
    reason = _reason(error, status, code)
    if status == _NO_ROOM_STATUS or code in _NO_ROOM_CODES:
        return NoRoomError(name, key, reason)
    if isinstance(error, ConnectionError):
        return NoConnectionError(name, key, reason)
    return StorageUnavailableError(name, key, reason)


def is_passing(error: ClientError | BotoCoreError) -> bool:
    """Say whether another try may succeed."""
    if isinstance(error, ClientError):
        return status_of(error) in _RETRIED_STATUSES or code_of(error) == "SlowDown"
    return isinstance(error, _RETRIED_ERRORS)


def _reason(error: ClientError | BotoCoreError, status: int, code: str) -> str:
    if code == "NoSuchBucket" or (status == 404 and code == "404"):
        return "the bucket does not exist"
    if status in {401, 403}:
        return f"the bucket refuses these credentials ({code})"
    if status:
        return f"the server answered {status}" + f" ({code})" * (code != str(status))
    if isinstance(error, ConnectTimeoutError | ReadTimeoutError):
        return "the server did not answer in time"
    if isinstance(error, _RETRIED_ERRORS):
        return f"the server cannot be reached ({type(error).__name__})"
    return str(error)
