# SPDX-License-Identifier: MPL-2.0

"""Writes that replace one version only, where the server can compare.

``If-Match`` and ``If-None-Match`` on PutObject and CompleteMultipartUpload came to S3 in 2024. Some
servers ignore them, and some refuse them with 501; those are no longer bothered with them.
"""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, TypedDict, TypeVar

from tecken.core.errors import ObjectChangedError, ObjectNotFoundError, StorageUnavailableError
from tecken.core.storage.base import ANY_VERSION
from tecken.core.storage.s3_connection import S3Connection, status_of_cause

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_NOT_IMPLEMENTED = 501

Answer = TypeVar("Answer")


class Condition(TypedDict, total=False):
    """The parameters of a request that say which version it may replace."""

    IfMatch: str
    IfNoneMatch: str


def replace_only(
    connection: S3Connection,
    key: str,
    over: str | None,
    send: "Callable[[Condition, S3Client], Answer]",
) -> Answer:
    """Send a request that publishes an object over the version ``over`` (see ``ObjectWriter``).

    Raises ObjectChangedError when there is another, or when an earlier attempt of this request has
    succeeded and its answer was lost.
    """
    condition = _condition(over)
    if not condition or not connection.compares:
        return connection.write(key, partial(send, {}))
    try:
        return connection.write(key, partial(send, condition))
    except ObjectNotFoundError as error:  # the version that it should replace was deleted
        raise ObjectChangedError(error.source, key) from error
    except StorageUnavailableError as failure:
        if status_of_cause(failure) != _NOT_IMPLEMENTED:
            raise
    connection.compares = False
    return connection.write(key, partial(send, {}))


def _condition(over: str | None) -> Condition:
    if over is None:
        return {"IfNoneMatch": "*"}
    return {} if over == ANY_VERSION else {"IfMatch": f'"{over}"'}
