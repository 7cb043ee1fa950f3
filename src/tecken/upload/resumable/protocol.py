# SPDX-License-Identifier: MPL-2.0

"""The headers of tus 1.0, a protocol for uploads that go on after an interruption, and the JSON that tells of them.

Source: the tus resumable upload protocol 1.0.0, https://tus.io/protocols/resumable-upload: its core,
and its extensions "creation", "expiration" and "termination".
"""

from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Mapping
from dataclasses import dataclass

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.http import http_date

from tecken.core.errors import InvalidRequestError, LimitExceededError
from tecken.upload.models import ResumableUpload
from tecken.upload.spool import archive_name
from tecken.web.responses import iso_datetime

VERSION = "1.0.0"
EXTENSIONS = "creation,expiration,termination"
BODY_TYPE = "application/offset+octet-stream"
_MAX_METADATA_LENGTH = 4096
_MAX_DIGITS = 18  # so that a number fits into a column
_MAX_BUCKET_NAME_LENGTH = 255


@dataclass(frozen=True, slots=True)
class Announced:
    """What a client says of an archive before it sends any of it; ``size`` is in bytes."""

    filename: str
    size: int
    metadata: str
    wants_try: bool
    bucket_name: str


def read_announcement(request: HttpRequest) -> Announced:
    """Read ``Upload-Length`` and ``Upload-Metadata``. Raises InvalidRequestError, LimitExceededError.

    The metadata is ``filename c3ltYm9scy56aXA=,try MQ==``: values are in base64, and may be absent.
    What is meant by ``try`` and ``bucket_name`` is what the form of an upload says with them.
    """
    if "Upload-Defer-Length" in request.headers:
        raise InvalidRequestError("Upload-Length must be known from the beginning")
    size = read_number(request, "Upload-Length")
    if not size:
        raise InvalidRequestError("Upload-Length is 0: an archive has some bytes")
    text = request.headers.get("Upload-Metadata", "")
    fields = _read_metadata(text)
    bucket_name = fields.get("bucket_name", "")
    if len(bucket_name) > _MAX_BUCKET_NAME_LENGTH:
        raise InvalidRequestError("Upload-Metadata: bucket_name is no name of a bucket")
    if not fields.get("filename"):
        raise InvalidRequestError("Upload-Metadata must have the filename of the archive")
    name = archive_name("", fields["filename"])
    return Announced(name, size, text, bool(fields.get("try")), bucket_name)


def read_number(request: HttpRequest, name: str) -> int:
    """Read a header that has a number of bytes. Raises InvalidRequestError."""
    text = request.headers.get(name, "")
    if not (text.isascii() and text.isdigit() and len(text) <= _MAX_DIGITS):
        raise InvalidRequestError(f"{name} must be a number of bytes")
    return int(text)


def put_state(response: HttpResponseBase, upload: ResumableUpload) -> None:
    """Add the headers that tell how far an upload is."""
    response["Upload-Offset"] = str(upload.offset)
    response["Upload-Length"] = str(upload.size)
    response["Upload-Metadata"] = upload.metadata
    response["Upload-Expires"] = http_date(upload.expires_at.timestamp())


def described(upload: ResumableUpload) -> dict[str, object]:
    """Return the JSON of an upload; its ``upload`` is what ``POST /upload/`` answers once it is stored."""
    return {
        "id": upload.pk,
        "url": url_of(upload),
        "filename": upload.filename,
        "size": upload.size,
        "offset": upload.offset,
        "try_symbols": upload.try_symbols,
        "created_at": iso_datetime(upload.created_at),
        "expires_at": iso_datetime(upload.expires_at),
        "upload": upload.answer["upload"] if upload.answer else None,
    }


def url_of(upload: ResumableUpload) -> str:
    """Return the path at which an upload goes on."""
    return f"/upload/resumable/{upload.pk}"


def _read_metadata(text: str) -> Mapping[str, str]:
    if len(text) > _MAX_METADATA_LENGTH:
        raise LimitExceededError(f"Upload-Metadata is longer than {_MAX_METADATA_LENGTH} bytes")
    if not (text.isascii() and (text.isprintable())):
        raise InvalidRequestError("Upload-Metadata has characters that do not belong there")
    return dict(_read_field(field) for field in text.split(",") if field.strip())


def _read_field(field: str) -> tuple[str, str]:
    name, _, value = field.strip().partition(" ")
    try:
        return name, b64decode(value.strip(), validate=True).decode()
    except (Base64Error, UnicodeDecodeError) as error:
        raise InvalidRequestError(
            f"Upload-Metadata: {name} must be UTF-8 text in base64"
        ) from error
