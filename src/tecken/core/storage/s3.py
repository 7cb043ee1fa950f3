# SPDX-License-Identifier: MPL-2.0

"""A bucket of Amazon S3 or of any server that speaks its protocol.

Objects appear whole, and a replaced one at once, as S3 is strongly consistent. Large ones are sent
as multipart uploads, which nobody sees before they are completed.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from io import BytesIO
from typing import TYPE_CHECKING, TypedDict

from tecken.core.errors import ObjectChangedError
from tecken.core.storage.base import (
    Content,
    ListedObject,
    ObjectInfo,
    ObjectReader,
    ObjectWriter,
)
from tecken.core.storage.byte_ranges import cut_out, merge_ranges
from tecken.core.storage.kept_urls import KeptUrls
from tecken.core.storage.keys import check_object_key, checked_key
from tecken.core.storage.s3_client import fetching_pool
from tecken.core.storage.s3_connection import S3Connection
from tecken.core.storage.s3_deletes import delete_objects
from tecken.core.storage.s3_errors import BeyondEndError
from tecken.core.storage.s3_heads import head_objects
from tecken.core.storage.s3_objects import (
    S3Body,
    S3Reader,
    head_object,
    put_object,
)
from tecken.core.storage.s3_options import S3Access
from tecken.core.storage.s3_writer import S3Writer

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import MultipartUploadTypeDef


class _Markers(TypedDict, total=False):
    """Where a page of unfinished uploads begins."""

    KeyMarker: str
    UploadIdMarker: str


class S3Bucket:
    """A ``Bucket`` of an S3 server. Nothing is asked before the first use."""

    page_size = 1000  # objects or unfinished uploads that are listed at once: as many as S3 allows

    def __init__(self, access: S3Access) -> None:
        self.name = access.bucket
        self.access = access
        self._connection = S3Connection(access)
        self._urls = KeptUrls(self._sign, access.options.url_seconds)

    def head(self, key: str) -> ObjectInfo:
        """Return what is known of the current version. Raises ObjectNotFoundError."""
        check_object_key(key)
        return head_object(self._connection, key)

    def heads(self, keys: Iterable[str]) -> Iterator[tuple[str, ObjectInfo | None]]:
        """Yield each key with what is known of its object, None without one."""
        return head_objects(self._connection, map(checked_key, keys))

    def open(
        self, key: str, *, if_match: str | None = None
    ) -> AbstractContextManager[ObjectReader]:
        """Open the whole object."""
        return closing(self._open(key, None, if_match))

    def open_range(
        self, key: str, start: int, end: int, *, if_match: str | None = None
    ) -> AbstractContextManager[ObjectReader]:
        """Open bytes ``start`` (included) to ``end`` (excluded, cut at the object's end)."""
        if start < end:
            try:
                return closing(self._open(key, (start, end), if_match))
            except BeyondEndError:
                pass  # the rest is the same as for a range that is empty from the start
        return closing(_EmptyReader(self._expect(key, if_match)))

    def read_ranges(
        self, key: str, ranges: Sequence[tuple[int, int]], *, if_match: str | None = None
    ) -> list[bytes]:
        """Read several ``(start, end)`` ranges of one version, in order.

        Near ones are fetched together, and what is left is fetched at the same time.
        """
        if not ranges:
            return []
        check_object_key(key)
        etag = if_match or self.head(key).etag
        merged = merge_ranges(ranges)
        fetch = partial(self._fetch, key, etag)
        chunks = list(map(fetch, merged) if len(merged) < 2 else fetching_pool().map(fetch, merged))
        return cut_out(ranges, merged, chunks)

    @contextmanager
    def create(self, key: str, content: Content) -> Iterator[ObjectWriter]:
        """Write an object chunk by chunk; it replaces the key when the block ends well."""
        check_object_key(key)
        writer = S3Writer(self._connection, key, content)
        try:
            yield writer
            writer.finish()
        except BaseException:
            writer.abort()
            raise

    def put(self, key: str, data: bytes, content: Content) -> ObjectInfo:
        """Write a small object in one go."""
        check_object_key(key)
        return put_object(self._connection, key, data, content)

    def check_room(self, size: int) -> None:
        """Only writing tells."""

    def delete(self, key: str) -> None:
        """Delete an object; one that is not there is no error."""
        check_object_key(key)
        self._connection.write(key, lambda s3: s3.delete_object(Bucket=self.name, Key=key))

    def delete_all(self, keys: Sequence[str]) -> None:
        """Delete many objects, a thousand by each request."""
        delete_objects(self._connection, [checked_key(key) for key in keys])

    def list(self, prefix: str = "", after: str = "") -> Iterator[ListedObject]:
        """Yield the objects whose keys begin with ``prefix``, in the order the server likes."""
        token: str | None = None
        while True:
            ask = partial(_list_page, self.name, prefix, self.page_size, after, token)
            page, token = self._connection.look_up(None, ask)
            yield from page
            if token is None:
                return

    def url_of(self, key: str) -> str:
        """Return the plain URL in a public bucket, one that is signed in a private."""
        return self._urls.of(key)

    def prepare(self) -> None:
        """Make this process's clients, which takes a tenth of a second. Raises StorageError."""
        self._connection.prepare()

    def check(self) -> None:
        """Ask whether the bucket can be used at all. Raises StorageUnavailableError."""
        self._connection.check()

    def make(self) -> None:
        """Make the bucket on a server of one's own: never a public one, never at Amazon."""
        if self.access.public or self.access.endpoint_url is None:
            return
        self._connection.write(None, partial(_create_bucket, self.name))

    def sweep_temporary(self, prefix: str, older_than_seconds: float) -> int:
        """Abort the uploads below a prefix that killed writers left unfinished; return how many.

        One whose parts still arrive is not: a large one may take long.
        """
        oldest = datetime.now(UTC) - timedelta(seconds=older_than_seconds)
        swept = 0
        for upload in self._unfinished_uploads(prefix):
            if upload["Initiated"] < oldest and not self._has_part_since(upload, oldest):
                self._connection.write(upload["Key"], partial(_abort, self.name, upload))
                swept += 1
        return swept

    def _has_part_since(self, upload: "MultipartUploadTypeDef", since: datetime) -> bool:
        marker: int | None = 0
        while marker is not None:
            ask = partial(_list_parts, self.name, self.page_size, upload, marker)
            times, marker = self._connection.look_up(None, ask)
            if any(time >= since for time in times):
                return True
        return False

    def _sign(self, key: str) -> str:
        params = {"Bucket": self.name, "Key": key}
        return self._connection.look_up(
            key,
            lambda s3: s3.generate_presigned_url(
                "get_object", Params=params, ExpiresIn=self.access.options.url_seconds
            ),
        )

    def _unfinished_uploads(self, prefix: str) -> "Iterator[MultipartUploadTypeDef]":
        markers: _Markers | None = {}
        while markers is not None:
            ask = partial(_list_uploads, self.name, prefix, self.page_size, markers)
            page, following = self._connection.look_up(None, ask)
            # Not every server knows the prefix.
            yield from (upload for upload in page if upload["Key"].startswith(prefix))
            markers = following if following != markers else None  # a server that does not go on

    def sweep_metadata(self, older_than_seconds: float) -> int:
        """Metadata goes with its object."""
        return 0

    def _open(self, key: str, part: tuple[int, int] | None, if_match: str | None) -> S3Reader:
        check_object_key(key)
        body = self._connection.look_up(
            key, lambda s3: S3Body.open(self._connection, s3, key, part, if_match)
        )
        return S3Reader(self._connection, body)

    def _fetch(self, key: str, etag: str, part: tuple[int, int]) -> bytes:
        """Read a range to its end; b"" beyond the end. One that is cut is asked for again."""

        def read(s3: "S3Client") -> bytes:
            with closing(S3Body.open(self._connection, s3, key, part, etag)) as body:
                return body.read()

        try:
            return self._connection.look_up(key, read)
        except BeyondEndError:
            return b""

    def _expect(self, key: str, if_match: str | None) -> ObjectInfo:
        info = self.head(key)
        if if_match not in {None, info.etag}:
            raise ObjectChangedError(self.name, key)
        return info


class _EmptyReader(BytesIO):
    def __init__(self, info: ObjectInfo) -> None:
        super().__init__()
        self.info = info


def _list_page(
    bucket: str, prefix: str, size: int, after: str, token: str | None, s3: "S3Client"
) -> tuple[list[ListedObject], str | None]:
    """Return the objects of a page, and the token of the next if there is one."""
    if token is None:
        answer = s3.list_objects_v2(Bucket=bucket, Prefix=prefix, MaxKeys=size, StartAfter=after)
    else:
        answer = s3.list_objects_v2(
            Bucket=bucket, Prefix=prefix, MaxKeys=size, ContinuationToken=token
        )
    page = [
        ListedObject(
            listed["Key"],
            listed["Size"],
            listed["ETag"].strip('"'),
            listed["LastModified"].astimezone(UTC),
        )
        for listed in answer.get("Contents", [])
    ]
    return page, answer.get("NextContinuationToken") if answer["IsTruncated"] else None


def _list_uploads(
    bucket: str, prefix: str, size: int, markers: _Markers, s3: "S3Client"
) -> "tuple[list[MultipartUploadTypeDef], _Markers | None]":
    """Return the unfinished uploads of a page, and where the next begins if there is one."""
    answer = s3.list_multipart_uploads(Bucket=bucket, Prefix=prefix, MaxUploads=size, **markers)
    if not answer["IsTruncated"]:
        return answer.get("Uploads", []), None
    following: _Markers = {}
    # Some servers go by the upload id alone and leave the key out.
    if "NextKeyMarker" in answer:
        following["KeyMarker"] = answer["NextKeyMarker"]
    if "NextUploadIdMarker" in answer:
        following["UploadIdMarker"] = answer["NextUploadIdMarker"]
    return answer.get("Uploads", []), following


def _list_parts(
    bucket: str, size: int, upload: "MultipartUploadTypeDef", marker: int, s3: "S3Client"
) -> tuple[list[datetime], int | None]:
    """Return when the parts of a page were written, and where the next begins if there is one."""
    try:
        answer = s3.list_parts(
            Bucket=bucket,
            Key=upload["Key"],
            UploadId=upload["UploadId"],
            MaxParts=size,
            PartNumberMarker=marker,
        )
    except s3.exceptions.NoSuchUpload:
        return [], None  # finished meanwhile
    times = [part["LastModified"] for part in answer.get("Parts", [])]
    following = answer.get("NextPartNumberMarker", marker)
    return times, following if answer["IsTruncated"] and following > marker else None


def _create_bucket(bucket: str, s3: "S3Client") -> None:
    try:
        s3.create_bucket(Bucket=bucket)
    except (s3.exceptions.BucketAlreadyExists, s3.exceptions.BucketAlreadyOwnedByYou):
        pass  # another node may have made it at the same time


def _abort(bucket: str, upload: "MultipartUploadTypeDef", s3: "S3Client") -> None:
    try:
        s3.abort_multipart_upload(Bucket=bucket, Key=upload["Key"], UploadId=upload["UploadId"])
    except s3.exceptions.NoSuchUpload:
        pass  # finished, or swept by somebody else
