# SPDX-License-Identifier: MPL-2.0

"""What an S3 server tells of an object, and how its bytes come and go.

Bytes are those that are stored: nothing decodes a ``Content-Encoding`` on the way, as an index
counts positions in the stored form.
"""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, NotRequired, TypedDict

from botocore.exceptions import IncompleteReadError

from tecken.core.errors import ObjectChangedError, StorageError, StorageUnavailableError
from tecken.core.storage.base import Content, ObjectInfo
from tecken.core.storage.s3_connection import S3Connection
from tecken.core.storage.s3_errors import S3_ERRORS, is_passing

if TYPE_CHECKING:
    from botocore.response import StreamingBody
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import (
        GetObjectOutputTypeDef,
        HeadObjectOutputTypeDef,
        ResponseMetadataTypeDef,
    )

_SKIP_BYTES = 256 * 1024
_RESUMPTIONS = 5  # of one reader, however far each comes
_CONTENT_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+)")


class ContentArguments(TypedDict):
    """The parameters of a request that say what an object is."""

    ContentType: str
    Metadata: dict[str, str]
    ContentEncoding: NotRequired[str]


class _ReadArguments(TypedDict):
    Bucket: str
    Key: str
    Range: NotRequired[str]
    IfMatch: NotRequired[str]


def object_info(
    key: str, answer: "HeadObjectOutputTypeDef | GetObjectOutputTypeDef", size: int
) -> ObjectInfo:
    """Return what the headers of an answer say. ``size`` is that of the whole object."""
    # Some clients send signed chunks, and some servers keep that as a content encoding.
    encodings = (part.strip() for part in answer.get("ContentEncoding", "").split(","))
    encoding = ",".join(part for part in encodings if part not in {"", "aws-chunked"})
    content = Content(
        content_type=answer.get("ContentType") or Content().content_type,
        content_encoding=encoding or None,
        metadata={name.lower(): value for name, value in answer["Metadata"].items()},
    )
    modified = answer["LastModified"].astimezone(UTC)
    return ObjectInfo(key, size, answer["ETag"].strip('"'), modified, content)


def head_object(connection: S3Connection, key: str) -> ObjectInfo:
    """Ask for an object. Raises ObjectNotFoundError."""
    bucket = connection.access.bucket
    answer = connection.look_up(key, lambda s3: s3.head_object(Bucket=bucket, Key=key))
    return object_info(key, answer, answer["ContentLength"])


def put_object(connection: S3Connection, key: str, data: bytes, content: Content) -> ObjectInfo:
    """Write an object by one request."""
    arguments = content_arguments(content)
    answer = connection.write(
        key,
        lambda s3: s3.put_object(Bucket=connection.access.bucket, Key=key, Body=data, **arguments),
    )
    return written(key, len(data), answer["ETag"], content, answer["ResponseMetadata"])


class S3Body:
    """The bytes of an object, or of a range of it, as they arrive. Raises the errors of boto."""

    def __init__(
        self, info: ObjectInfo, stream: "StreamingBody", skip: int, part: tuple[int, int]
    ) -> None:
        self.info = info
        self._stream = stream
        self._skip = skip
        start, self._end = part
        self._left = max(0, self._end - start)

    @property
    def rest(self) -> tuple[int, int]:
        """Which part of the object has not been read."""
        return self._end - self._left, self._end

    @classmethod
    def open(
        cls,
        connection: S3Connection,
        s3: "S3Client",
        key: str,
        part: tuple[int, int] | None,
        if_match: str | None,
    ) -> "S3Body":
        """Ask for an object or a ``(start, end)`` of it that is not empty.

        What the server answers is compared with what was asked, as some know no ranges or no
        ``If-Match``.
        """
        arguments: _ReadArguments = {"Bucket": connection.access.bucket, "Key": key}
        if part is not None:
            arguments["Range"] = f"bytes={part[0]}-{part[1] - 1}"
        if if_match is not None:
            arguments["IfMatch"] = f'"{if_match}"'
        answer = s3.get_object(**arguments)
        stream = answer["Body"]
        try:
            total, first, end = _extent(connection, key, answer, part)
            info = object_info(key, answer, total)
            if if_match not in {None, info.etag}:
                raise ObjectChangedError(connection.access.bucket, key)
        except StorageError:
            stream.close()
            raise
        start, wanted_end = part or (0, total)
        return cls(info, stream, start - first, (start, min(end, wanted_end)))

    def read(self, size: int = -1) -> bytes:
        """Return at most ``size`` bytes, b"" at the end."""
        while self._skip:
            self._skip -= len(self._take(min(self._skip, _SKIP_BYTES)))
        data = self._take(self._left if size < 0 else min(size, self._left))
        self._left -= len(data)
        return data

    def close(self) -> None:
        """Give the connection back, or up when the body was not read to its end."""
        self._stream.close()

    def _take(self, size: int) -> bytes:
        data = self._stream.read(size) if size else b""
        if len(data) < size:
            raise IncompleteReadError(actual_bytes=len(data), expected_bytes=size)
        return data


class S3Reader:
    """An ``ObjectReader``: a body with our errors, which is read on when its connection is cut."""

    def __init__(self, connection: S3Connection, body: S3Body) -> None:
        self.info = body.info
        self._connection = connection
        self._body = body
        self._resumptions = _RESUMPTIONS

    def read(self, size: int = -1, /) -> bytes:
        """Return at most ``size`` bytes.

        Raises StorageUnavailableError when they do not come, ObjectChangedError when the object was
        replaced and the rest of the version that was opened is lost.
        """
        while True:
            try:
                return self._body.read(size)
            except S3_ERRORS as error:
                if self._resumptions == 0 or not is_passing(error):
                    raise self._connection.error_of(self.info.key, error) from error
            self._resumptions -= 1
            self._resume()

    def close(self) -> None:
        """Give the connection back."""
        self._body.close()

    def _resume(self) -> None:
        """Ask for the rest of the same version."""
        self._body.close()
        key, rest, etag = self.info.key, self._body.rest, self.info.etag
        self._body = self._connection.look_up(
            key, lambda s3: S3Body.open(self._connection, s3, key, rest, etag)
        )


def _extent(
    connection: S3Connection,
    key: str,
    answer: "GetObjectOutputTypeDef",
    part: tuple[int, int] | None,
) -> tuple[int, int, int]:
    """Return the size of the object, and the start and the end of what the answer has of it."""
    content_range = answer.get("ContentRange")
    if part is None or content_range is None:
        return answer["ContentLength"], 0, answer["ContentLength"]
    found = _CONTENT_RANGE.fullmatch(content_range)
    first, last, total = map(int, found.groups()) if found else (-1, -1, -1)
    if (first, last) != (part[0], min(part[1], total) - 1):
        reason = f"answered {content_range!r} when asked for bytes {part[0]}-{part[1] - 1}"
        raise StorageUnavailableError(connection.access.bucket, key, reason)
    return total, first, last + 1


def content_arguments(content: Content) -> ContentArguments:
    """Return the parameters of a request that say what an object is."""
    arguments: ContentArguments = {
        "ContentType": content.content_type,
        "Metadata": dict(content.metadata),
    }
    if content.content_encoding is not None:
        arguments["ContentEncoding"] = content.content_encoding
    return arguments


def written(
    key: str, size: int, etag: str, content: Content, response: "ResponseMetadataTypeDef"
) -> ObjectInfo:
    """Return what is known of an object by the answer to its writing."""
    date = response["HTTPHeaders"].get("date")
    modified = parsedate_to_datetime(date) if date else datetime.now(UTC)
    return ObjectInfo(key, size, etag.strip('"'), modified.astimezone(UTC), content)
