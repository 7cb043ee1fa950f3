# SPDX-License-Identifier: MPL-2.0

"""Writes an object to S3 chunk by chunk: a multipart upload when it is large."""

from concurrent.futures import Future
from contextlib import suppress
from typing import TYPE_CHECKING

from tecken.core.errors import ObjectChangedError, StorageError, StorageUnavailableError
from tecken.core.storage.base import ANY_VERSION, Content, ObjectInfo
from tecken.core.storage.s3_client import sending_pool
from tecken.core.storage.s3_conditions import Condition, replace_only
from tecken.core.storage.s3_connection import S3Connection
from tecken.core.storage.s3_objects import content_arguments, head_object, written

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import (
        CompletedPartTypeDef,
        CompleteMultipartUploadOutputTypeDef,
        PutObjectOutputTypeDef,
    )

    _Published = PutObjectOutputTypeDef | CompleteMultipartUploadOutputTypeDef

PART_BYTES = 8 * 1024 * 1024  # of a multipart upload, which has at most 10,000: 80 GB


class S3Writer:
    """An ``ObjectWriter``: sends an object in parts, or in one request when it is small.

    One part is sent while the next is made; no more is in memory. Nobody sees the object before
    ``finish``.
    """

    info: ObjectInfo

    def __init__(self, connection: S3Connection, key: str, content: Content) -> None:
        self._connection = connection
        self._key = key
        self._content = content
        self._bucket = connection.access.bucket
        self._pending = bytearray()
        self._size = 0
        self._upload_id: str | None = None
        self._parts: list[CompletedPartTypeDef] = []
        self._sending: Future[CompletedPartTypeDef] | None = None

    def write(self, data: bytes | memoryview, /) -> int:
        """Take bytes, and send what makes a whole part."""
        self._pending += data
        self._size += len(data)
        while len(self._pending) >= PART_BYTES:
            self._send_part()
        return len(data)

    def finish(self) -> None:
        """Publish the object unless that was done."""
        if not hasattr(self, "info"):
            self.publish()

    def publish(self, over: str | None = ANY_VERSION) -> None:
        """Send the rest and publish the object. Raises ObjectChangedError."""
        if self._upload_id is not None:
            if self._pending:
                self._send_part()
            self._wait_for_part()
        attempts = 0

        def send(condition: Condition, s3: "S3Client") -> "_Published":
            nonlocal attempts
            attempts += 1
            if self._upload_id is None:
                return self._put(condition, s3)
            return self._complete(self._upload_id, condition, s3)

        try:
            answer = replace_only(self._connection, self._key, over, send)
            self.info = self._written(answer)
        except StorageError as error:
            # The first attempt has been told the truth; a later one may have met its own object.
            surely_not = isinstance(error, ObjectChangedError) and attempts == 1
            published = None if surely_not else self._published()
            if published is None:
                raise
            self.info = published

    def abort(self) -> None:
        """Throw away what was sent and not published; parts that cannot be deleted now are swept later."""
        upload_id = self._upload_id
        if upload_id is not None and not hasattr(self, "info"):
            with suppress(StorageError):
                self._wait_for_part()
            with suppress(StorageError):
                self._connection.write(
                    self._key,
                    lambda s3: s3.abort_multipart_upload(
                        Bucket=self._bucket, Key=self._key, UploadId=upload_id
                    ),
                )

    def _send_part(self) -> None:
        upload_id = self._upload_id or self._begin()
        with memoryview(self._pending) as pending:
            data = bytes(pending[:PART_BYTES])
        del self._pending[:PART_BYTES]
        self._wait_for_part()
        number = len(self._parts) + 1
        self._sending = sending_pool().submit(self._upload_part, upload_id, number, data)

    def _upload_part(self, upload_id: str, number: int, data: bytes) -> "CompletedPartTypeDef":
        answer = self._connection.write(
            self._key,
            lambda s3: s3.upload_part(
                Bucket=self._bucket,
                Key=self._key,
                UploadId=upload_id,
                PartNumber=number,
                Body=data,
            ),
        )
        return {"ETag": answer["ETag"], "PartNumber": number}

    def _wait_for_part(self) -> None:
        """Wait for the part that is being sent, if there is one. Raises its StorageError."""
        sending, self._sending = self._sending, None
        if sending is not None:
            self._parts.append(sending.result())

    def _begin(self) -> str:
        arguments = content_arguments(self._content)
        answer = self._connection.write(
            self._key,
            lambda s3: s3.create_multipart_upload(Bucket=self._bucket, Key=self._key, **arguments),
        )
        self._upload_id = answer["UploadId"]
        return self._upload_id

    def _put(self, condition: Condition, s3: "S3Client") -> "PutObjectOutputTypeDef":
        return s3.put_object(
            Bucket=self._bucket,
            Key=self._key,
            Body=bytes(self._pending),
            **content_arguments(self._content),
            **condition,
        )

    def _complete(
        self, upload_id: str, condition: Condition, s3: "S3Client"
    ) -> "CompleteMultipartUploadOutputTypeDef":
        return s3.complete_multipart_upload(
            Bucket=self._bucket,
            Key=self._key,
            UploadId=upload_id,
            MultipartUpload={"Parts": self._parts},
            **condition,
        )

    def _written(self, answer: "_Published") -> ObjectInfo:
        etag = answer.get("ETag")
        if not etag:  # the answer begins before the work is done, and may end before it, too
            raise StorageUnavailableError(self._bucket, self._key, "the completion was cut short")
        headers = answer["ResponseMetadata"]
        return written(self._key, self._size, etag, self._content, headers)

    def _published(self) -> ObjectInfo | None:
        """Return the object if it was published and only the answer to that got lost.

        Without metadata of our own, nobody could tell it from another of the same size.
        """
        if not self._content.metadata:
            return None
        try:
            info = head_object(self._connection, self._key)
        except StorageError:
            return None
        is_ours = info.size == self._size and info.content == self._content
        return info if is_ours else None
