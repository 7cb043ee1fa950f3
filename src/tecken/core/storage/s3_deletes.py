# SPDX-License-Identifier: MPL-2.0

"""Deletes many objects of an S3 server by few requests, or one by one where the server knows no other way."""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from tecken.core.batches import batches
from tecken.core.concurrency.at_once import map_at_once
from tecken.core.errors import StorageUnavailableError
from tecken.core.storage.s3_client import is_google
from tecken.core.storage.s3_connection import S3Connection, status_of_cause

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import DeleteObjectsOutputTypeDef, DeleteTypeDef

_KEYS_OF_REQUEST = 1000  # as many as S3 allows
_ONE_BY_ONE_AT_ONCE = 16
_UNKNOWN = {400, 404, 405, 411, 501}  # what servers say to a request that they do not know


def delete_objects(connection: S3Connection, keys: Sequence[str]) -> None:
    """Delete objects; one that is not there is no error. Raises StorageError."""
    for some in batches(keys, _KEYS_OF_REQUEST):
        if len(some) == 1 or not _by_one_request(connection, some):
            for _ in map_at_once(partial(_delete, connection), some, _ONE_BY_ONE_AT_ONCE):
                pass


def _delete(connection: S3Connection, key: str) -> None:
    bucket = connection.access.bucket
    connection.write(key, lambda s3: s3.delete_object(Bucket=bucket, Key=key))


def _by_one_request(connection: S3Connection, keys: Sequence[str]) -> bool:
    """Say whether the server knows such a request; Google's does not."""
    if is_google(connection.access.endpoint_url) or not connection.deletes_many:
        return False
    try:
        answer = connection.write(None, partial(_send, connection.access.bucket, keys))
    except StorageUnavailableError as failure:
        if status_of_cause(failure) not in _UNKNOWN:
            raise
        connection.deletes_many = False
        return False
    for refused in answer.get("Errors", ()):
        reason = f"the server did not delete it ({refused.get('Code')})"
        raise StorageUnavailableError(connection.access.bucket, refused.get("Key"), reason)
    return True


def _send(bucket: str, keys: Sequence[str], s3: "S3Client") -> "DeleteObjectsOutputTypeDef":
    objects: DeleteTypeDef = {"Objects": [{"Key": key} for key in keys], "Quiet": True}
    return s3.delete_objects(Bucket=bucket, Delete=objects)
