# This Source Code Form is subject to the terms of the Mozilla Public
# License, v. 2.0. If a copy of the MPL was not distributed with this
# file, You can obtain one at https://mozilla.org/MPL/2.0/.

"""Asks an S3 server for thousands of objects, which the client of the SDK takes a millisecond each for.

A HEAD is a few lines either way, so they are written and read here, on connections that are kept for as
long as one question for many keys lasts. Only the two usual answers are understood, 200 and 404. For
whatever else comes, and for a network with a proxy in it, the SDK asks again, with its attempts and errors.
"""

import ssl
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from email.utils import parsedate_to_datetime
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from os import environ
from typing import TYPE_CHECKING, BinaryIO, cast
from urllib.parse import quote, urlsplit
from urllib.request import getproxies

from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.httpsession import get_cert_path

from tecken.core.at_once import map_at_once
from tecken.core.batches import batches
from tecken.core.errors import ObjectNotFoundError
from tecken.core.storage.base import ObjectInfo
from tecken.core.storage.s3_client import credentials_of, is_google
from tecken.core.storage.s3_connection import S3Connection
from tecken.core.storage.s3_objects import head_object, object_info

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import HeadObjectOutputTypeDef

_AT_ONCE = 32
_KEYS_OF_TURN = 25  # that a thread asks for on one connection before others get their turn
_FEW = 8  # for which new connections do not pay
_UNUSUAL_ANSWERS = 50  # after which a server is left to the SDK
_MAX_LINE = 65_536
_MAX_HEADERS = 200
_META = "x-amz-meta-"


def head_objects(
    connection: S3Connection, keys: Iterable[str]
) -> Iterator[tuple[str, ObjectInfo | None]]:
    """Yield each key with what is known of its object, None without one. Raises StorageError."""
    wanted = list(keys)
    if len(wanted) <= _FEW or getproxies():
        yield from map_at_once(lambda key: (key, _head(connection, key)), wanted, _AT_ONCE)
        return
    questions = _Questions(connection)
    try:
        turns = list(batches(wanted, _KEYS_OF_TURN))
        for answers in map_at_once(questions.ask, turns, _AT_ONCE):
            yield from answers
    finally:
        questions.close()


def _head(connection: S3Connection, key: str) -> ObjectInfo | None:
    try:
        return head_object(connection, key)
    except ObjectNotFoundError:
        return None


class _UnusualAnswerError(Exception):
    """What the SDK should look at."""


class _Questions:
    """The connections of one question for many keys, each used by one thread at a time."""

    def __init__(self, connection: S3Connection) -> None:
        self._connection = connection
        self._access = connection.access
        # The SDK knows which host and path stand for a bucket, and which region signs for it.
        signed = connection.look_up(None, self._example)
        self._url = signed.partition("?")[0].removesuffix("key")
        self._patience = _UNUSUAL_ANSWERS
        self._idle: list[_Line] = []
        self._closed = False

    def ask(self, keys: Sequence[str]) -> list[tuple[str, ObjectInfo | None]]:
        """Ask for some keys, one after the other."""
        with self._line() as line:
            return [(key, self._ask_somehow(line, key)) for key in keys]

    def close(self) -> None:
        """Close the connections; those that are in use are closed after that."""
        self._closed = True
        self._close_idle()

    @contextmanager
    def _line(self) -> "Iterator[_Line]":
        try:
            line = self._idle.pop()
        except IndexError:
            line = _Line(self._url, self._access.options.lookup.read_seconds)
        try:
            yield line
        finally:
            self._idle.append(line)
            if self._closed:
                self._close_idle()

    def _close_idle(self) -> None:
        with suppress(IndexError):
            while True:
                self._idle.pop().close()

    def _ask_somehow(self, line: "_Line", key: str) -> ObjectInfo | None:
        if self._patience > 0:
            try:
                return self._ask(line, key)
            except (OSError, ValueError, HTTPException, _UnusualAnswerError):
                self._patience -= 1
                line.close()
        return _head(self._connection, key)

    def _ask(self, line: "_Line", key: str) -> ObjectInfo | None:
        url = self._url + quote(key, safe="/~")
        request = AWSRequest("HEAD", url)
        credentials = None if self._access.public else credentials_of(self._access)
        if credentials is not None:
            S3SigV4Auth(credentials, "s3", self._access.region).add_auth(request)
        headers = dict(request.headers.items())
        if is_google(self._access.endpoint_url):
            headers["Accept-Encoding"] = "gzip"  # see s3_client
        status, found = line.head(urlsplit(url).path, headers)
        if status == 404:
            self._connection.expect_bucket()
            return None
        if status != 200:
            raise _UnusualAnswerError
        return _info(key, found)

    def _example(self, s3: "S3Client") -> str:
        place = {"Bucket": self._access.bucket, "Key": "key"}
        return s3.generate_presigned_url("head_object", Params=place)


class _Line:
    """A connection that is opened when it is needed."""

    def __init__(self, url: str, timeout: float) -> None:
        parts = urlsplit(url)
        self._host = parts.netloc
        if parts.scheme == "https":
            trusted = environ.get("AWS_CA_BUNDLE") or get_cert_path(True)
            context = ssl.create_default_context(cafile=trusted)
            self._http: HTTPConnection = HTTPSConnection(
                parts.netloc, timeout=timeout, context=context
            )
        else:
            self._http = HTTPConnection(parts.netloc, timeout=timeout)
        self._file: BinaryIO | None = None

    def head(self, path: str, headers: dict[str, str]) -> tuple[int, dict[str, str]]:
        """Send a HEAD; return the status, and the headers by their names in lower case."""
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        file = self._open()
        self._http.sock.sendall(
            f"HEAD {path} HTTP/1.1\r\nHost: {self._host}\r\n{lines}\r\n".encode()
        )
        version, _, rest = file.readline(_MAX_LINE).decode("latin-1").partition(" ")
        found = _read_headers(file)
        if version != "HTTP/1.1" or found.get("connection", "").lower() == "close":
            self.close()
        return int(rest[:3]), found

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None
        self._http.close()

    def _open(self) -> BinaryIO:
        if self._file is None:
            self._http.connect()
            self._file = cast("BinaryIO", self._http.sock.makefile("rb"))
        return self._file


def _read_headers(file: BinaryIO) -> dict[str, str]:
    headers: dict[str, str] = {}
    for _ in range(_MAX_HEADERS):
        line = file.readline(_MAX_LINE)
        if line in {b"\r\n", b"\n"}:
            return headers
        name, colon, value = line.decode("latin-1").partition(":")
        if not colon or not line.endswith(b"\n"):
            break
        headers[name.strip().lower()] = value.strip()
    raise _UnusualAnswerError


def _info(key: str, headers: dict[str, str]) -> ObjectInfo:
    try:
        size, etag, modified = (
            headers[name] for name in ("content-length", "etag", "last-modified")
        )
    except KeyError as error:
        raise _UnusualAnswerError from error
    metadata = {
        name.removeprefix(_META): value for name, value in headers.items() if name.startswith(_META)
    }
    answer = {
        "ContentType": headers.get("content-type", ""),
        "ContentEncoding": headers.get("content-encoding", ""),
        "Metadata": metadata,
        "LastModified": parsedate_to_datetime(modified),
        "ETag": etag,
    }
    return object_info(key, cast("HeadObjectOutputTypeDef", answer), int(size))
