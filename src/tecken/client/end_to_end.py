# SPDX-License-Identifier: MPL-2.0

"""From one server to another: what the first fetched by URL, the second fetches as well."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import msgspec

from tecken.client.errors import ClientError
from tecken.client.server import Server, read_json

if TYPE_CHECKING:
    import httpx2

Shape = TypeVar("Shape")

_MAX_ANSWER_BYTES = 16 * 1024**2


class Upload(msgspec.Struct, frozen=True):
    """An upload as a server tells of it. ``size`` is in bytes of the archive."""

    id: int
    size: int
    try_symbols: bool
    files_count: int
    files_incomplete_count: int
    download_url: str | None = None
    completed_at: str | None = None


@dataclass(frozen=True, slots=True)
class Origin:
    """An archive that a server fetched, and where it fetched it from."""

    url: str
    size: int
    try_symbols: bool


class _Person(msgspec.Struct):
    email: str


class _WhoAsks(msgspec.Struct):
    user: _Person | None


class _Uploads(msgspec.Struct):
    uploads: list[Upload]


class _OneUpload(msgspec.Struct):
    upload: Upload


def whose_token(server: Server) -> str:
    """Return the email address of the owner of the token. Raises ClientError."""
    user = _get(server, "/api/_auth/", _WhoAsks).user
    if user is None:
        raise ClientError(f"{server.url} does not look at tokens")
    return user.email


def newest_origin(server: Server) -> Origin:
    """Return where the newest upload by URL came from, of those that were completed.

    These are all uploads for a token with the permission ``view_all_uploads``, else its owner's.
    Raises ClientError, also when there is none.
    """
    # Every URL has this in it, and nothing else has.
    path = "/api/uploads/?download_url=%3A%2F%2F"
    for upload in _get(server, path, _Uploads).uploads:
        if upload.download_url and upload.completed_at:
            return Origin(upload.download_url, upload.size, upload.try_symbols)
    raise ClientError(f"{server.url} tells this token of no upload by URL that was completed")


def find_upload(server: Server, upload_id: int) -> Upload:
    """Return what a server says of an upload now. Raises ClientError."""
    return _get(server, f"/api/uploads/upload/{upload_id}", _OneUpload).upload


def _get(server: Server, path: str, shape: type[Shape]) -> Shape:
    return read_json(server.get(path, _body), shape, server.url)


def _body(response: "httpx2.Response") -> bytes:
    body = bytearray()
    for chunk in response.iter_bytes():
        body += chunk
        if len(body) > _MAX_ANSWER_BYTES:
            raise ClientError("the answer is too long to be that of a symbol server")
    return bytes(body)
