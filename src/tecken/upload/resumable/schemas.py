# SPDX-License-Identifier: MPL-2.0

"""The JSON that tells of an upload which can be interrupted."""

from typing import TypedDict

from tecken.upload.models import ResumableUpload
from tecken.web.responses import iso_datetime


class Described(TypedDict):
    """How far an upload is; ``upload`` is what ``POST /upload/`` answers once it is stored."""

    id: str
    url: str
    filename: str
    size: int
    offset: int
    try_symbols: bool
    created_at: str | None
    expires_at: str | None
    upload: object


def described(upload: ResumableUpload) -> Described:
    """Return the JSON of an upload."""
    return {
        "id": upload.pk,
        "url": f"/upload/resumable/{upload.pk}",
        "filename": upload.filename,
        "size": upload.size,
        "offset": upload.offset,
        "try_symbols": upload.try_symbols,
        "created_at": iso_datetime(upload.created_at),
        "expires_at": iso_datetime(upload.expires_at),
        "upload": upload.answer["upload"] if upload.answer else None,
    }
