# SPDX-License-Identifier: MPL-2.0

"""Upload an archive: streamed from its file, as ``multipart/form-data``, or fetched by the server."""

import io
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO

import msgspec

from tecken.client.server import TIMEOUT_SECONDS, Server, read_json

# The server works on an upload before it answers: some minutes for an archive of gigabytes.
ANSWER_TIMEOUT_SECONDS = 1800
TIMEOUT = (TIMEOUT_SECONDS, ANSWER_TIMEOUT_SECONDS, TIMEOUT_SECONDS, TIMEOUT_SECONDS)

Progress = Callable[[int, int | None], None]  # bytes so far, bytes in all if known


@dataclass(frozen=True, slots=True)
class Uploaded:
    """What the server made of an upload. The keys are those of the bucket: ``v1/xul.pdb/44E4…/xul.sym``.

    ``size`` is that of the archive in bytes, ``answer`` the server's JSON, ``link`` the page of
    the upload.
    """

    id: int
    size: int
    stored_keys: tuple[str, ...]
    skipped_keys: tuple[str, ...]
    ignored_keys: tuple[str, ...]
    warnings: tuple[str, ...]
    link: str
    answer: bytes


def upload_archive(
    server: Server,
    archive: BinaryIO,
    name: str,
    *,
    try_symbols: bool = False,
    bucket_name: str = "",
    progress: Progress | None = None,
) -> Uploaded:
    """Upload the zip ``archive``, a seekable file; ``name`` ends in ``.zip``.

    Raises ClientError. ``progress`` starts over when the upload has to be sent again.
    """
    body = _MeteredFile(archive, progress) if progress else archive
    answer = server.post(
        "/upload/",
        files={"archive": (name, body, "application/zip")},
        data=form_fields(try_symbols=try_symbols, bucket_name=bucket_name),
        timeout=TIMEOUT,
    )
    return read_answer(answer, server.url)


def upload_by_url(
    server: Server, url: str, *, try_symbols: bool = False, bucket_name: str = ""
) -> Uploaded:
    """Let the server fetch the zip at ``url`` by itself. Raises ClientError."""
    data = {"url": url, **form_fields(try_symbols=try_symbols, bucket_name=bucket_name)}
    answer = server.post("/upload/", data=data, timeout=TIMEOUT)
    return read_answer(answer, server.url)


def form_fields(*, try_symbols: bool, bucket_name: str) -> dict[str, str]:
    """Return what an upload says of where its files go."""
    fields = {"try": "1" if try_symbols else "", "bucket_name": bucket_name}
    return {name: value for name, value in fields.items() if value}


class _MeteredFile(io.RawIOBase):
    """Tells how much of a file was read."""

    def __init__(self, file: BinaryIO, progress: Progress) -> None:
        self._file = file
        self._progress = progress
        self._size = file.seek(0, os.SEEK_END)
        file.seek(0)

    def fileno(self) -> int:
        return self._file.fileno()

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        return self._file.seek(offset, whence)

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(size)
        self._progress(self._file.tell(), self._size)
        return data


class _StoredFile(msgspec.Struct):
    key: str


class _Upload(msgspec.Struct):
    id: int
    size: int
    files: list[_StoredFile]
    skipped_keys: list[str] | None = None
    ignored_keys: list[str] | None = None
    warnings: list[str] | None = None


class _Answer(msgspec.Struct):
    upload: _Upload


def read_answer(answer: bytes, url: str) -> Uploaded:
    """Read the answer of the server at ``url``. Raises ClientError."""
    upload = read_json(answer, _Answer, url).upload
    return Uploaded(
        id=upload.id,
        size=upload.size,
        stored_keys=tuple(file.key for file in upload.files),
        skipped_keys=tuple(upload.skipped_keys or ()),
        ignored_keys=tuple(upload.ignored_keys or ()),
        warnings=tuple(upload.warnings or ()),
        link=f"{url}/uploads/upload/{upload.id}",
        answer=answer,
    )
