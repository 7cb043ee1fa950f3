# SPDX-License-Identifier: MPL-2.0

"""Asks an S3 server for thousands of objects, which the client of the SDK takes a millisecond each for.

The SDK signs the requests, and urllib3 sends them. Only the two usual answers are understood, 200 and 404. For
whatever else comes, and for a network with a proxy in it, the SDK asks again, with its attempts and errors.
"""

from collections.abc import Iterable, Iterator
from email.utils import parsedate_to_datetime
from os import environ
from typing import TYPE_CHECKING, cast
from urllib.parse import quote
from urllib.request import getproxies

from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.httpsession import get_cert_path
from urllib3 import BaseHTTPResponse, PoolManager
from urllib3.exceptions import HTTPError

from tecken.core.concurrency.at_once import map_at_once
from tecken.core.errors import ObjectNotFoundError
from tecken.core.storage.base import ObjectInfo
from tecken.core.storage.s3_client import credentials_of, is_google
from tecken.core.storage.s3_connection import S3Connection
from tecken.core.storage.s3_objects import head_object, object_info

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import HeadObjectOutputTypeDef

_AT_ONCE = 32
_FEW = 8  # for which new connections do not pay
_UNUSUAL_ANSWERS = 50  # after which a server is left to the SDK
_META = "x-amz-meta-"


def head_objects(
    connection: S3Connection, keys: Iterable[str]
) -> Iterator[tuple[str, ObjectInfo | None]]:
    """Yield each key with what is known of its object, None without one. Raises StorageError."""
    wanted = list(keys)
    if len(wanted) <= _FEW or getproxies():
        yield from map_at_once(lambda key: (key, _head(connection, key)), wanted, _AT_ONCE)
        return
    with PoolManager(
        maxsize=_AT_ONCE,
        retries=False,
        timeout=connection.access.options.lookup.read_seconds,
        ca_certs=environ.get("AWS_CA_BUNDLE") or get_cert_path(True),
    ) as pool:
        questions = _Questions(connection, pool)
        yield from map_at_once(lambda key: (key, questions.ask(key)), wanted, _AT_ONCE)


def _head(connection: S3Connection, key: str) -> ObjectInfo | None:
    try:
        return head_object(connection, key)
    except ObjectNotFoundError:
        return None


class _UnusualAnswerError(Exception):
    """What the SDK should look at."""


class _Questions:
    """One question for many keys. Safe to use from threads."""

    def __init__(self, connection: S3Connection, pool: PoolManager) -> None:
        self._connection = connection
        self._access = connection.access
        self._pool = pool
        # The SDK knows which host and path stand for a bucket, and which region signs for it.
        signed = connection.look_up(None, self._example)
        self._url = signed.partition("?")[0].removesuffix("key")
        self._patience = _UNUSUAL_ANSWERS

    def ask(self, key: str) -> ObjectInfo | None:
        """Return what is known of an object. Raises StorageError."""
        if self._patience > 0:
            try:
                return self._ask(key)
            except (HTTPError, ValueError, _UnusualAnswerError):
                self._patience -= 1
        return _head(self._connection, key)

    def _ask(self, key: str) -> ObjectInfo | None:
        url = self._url + quote(key, safe="/~")
        request = AWSRequest("HEAD", url)
        credentials = None if self._access.public else credentials_of(self._access)
        if credentials is not None:
            S3SigV4Auth(credentials, "s3", self._access.region).add_auth(request)
        headers = dict(request.headers.items())
        if is_google(self._access.endpoint_url):
            headers["Accept-Encoding"] = "gzip"  # see s3_client
        answer = self._pool.urlopen("HEAD", url, headers=headers, redirect=False)
        if answer.status == 404:
            self._connection.expect_bucket()
            return None
        if answer.status != 200:
            raise _UnusualAnswerError
        return _info(key, answer)

    def _example(self, s3: "S3Client") -> str:
        params = {"Bucket": self._access.bucket, "Key": "key"}
        return s3.generate_presigned_url("head_object", Params=params)


def _info(key: str, answer: BaseHTTPResponse) -> ObjectInfo:
    headers = answer.headers
    try:
        size, etag, modified = (
            headers[name] for name in ("content-length", "etag", "last-modified")
        )
    except KeyError as error:
        raise _UnusualAnswerError from error
    found = {
        "ContentType": headers.get("content-type", ""),
        "ContentEncoding": headers.get("content-encoding", ""),
        "Metadata": {
            name.lower().removeprefix(_META): value
            for name, value in headers.items()
            if name.lower().startswith(_META)
        },
        "LastModified": parsedate_to_datetime(modified),
        "ETag": etag,
    }
    return object_info(key, cast("HeadObjectOutputTypeDef", found), int(size))
