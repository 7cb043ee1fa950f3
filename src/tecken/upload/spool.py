# This Source Code Form is subject to the terms of the Mozilla Public
# License, v. 2.0. If a copy of the MPL was not distributed with this
# file, You can obtain one at https://mozilla.org/MPL/2.0/.

"""Spooling: the archive of a request goes straight to one nameless file, as it arrives.

The file has no name in its folder, so it is gone with the process, however that ends. Nothing is
read whole into memory, and the limit holds while the body arrives, whether or not its length was
declared.
"""

import errno
import hashlib
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Self

from django.core.files.uploadhandler import FileUploadHandler

from tecken.core.errors import (
    InvalidRequestError,
    LimitExceededError,
    NoRoomError,
    StorageUnavailableError,
)

_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_FORM_BYTES = 64 * 1024  # what a body may have around its archive
_MAX_NAME_LENGTH = 255


@dataclass(frozen=True, slots=True)
class SpooledArchive:
    """An archive that has arrived whole; ``size`` is in bytes, ``content_hash`` its MD5."""

    file: BinaryIO
    name: str
    size: int
    content_hash: str


class Spool(FileUploadHandler):
    """Takes the archive of one request from Django's multipart parser; the block's end drops it."""

    chunk_size = 256 * 1024

    def __init__(self, folder: Path, max_bytes: int) -> None:
        super().__init__()
        self._max_bytes = max_bytes
        self._name: str | None = None
        self._size = 0
        self._md5 = hashlib.md5(usedforsecurity=False)
        with _spooling():
            folder.mkdir(parents=True, exist_ok=True)
            self._free_bytes = shutil.disk_usage(folder).free
            self._file: BinaryIO = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        with suppress(OSError):  # closing writes what is left, and there may be no room for it
            self._file.close()

    def check_length(self, declared_bytes: int) -> None:
        """Refuse a body that cannot be taken, before any of it is read.

        Raises LimitExceededError, NoRoomError. An archive needs its size twice: here, and, if all
        of it is new and the bucket is on the same disk, as objects.
        """
        if declared_bytes > self._max_bytes + _FORM_BYTES:
            raise self._too_large()
        if 2 * declared_bytes > self._free_bytes:
            raise NoRoomError("uploads", None, f"no room for an archive of {declared_bytes} bytes")

    def archive(self) -> SpooledArchive:
        """Return what has arrived. Raises InvalidRequestError when no file has."""
        if self._name is None:
            raise InvalidRequestError("Must be multipart form data with at least one file")
        return SpooledArchive(self._file, self._name, self._size, self._md5.hexdigest())

    def new_file(self, field_name: str, file_name: str, *_rest: object, **_more: object) -> None:
        """Begin a file part. Raises InvalidRequestError for a second one, or a wrong name."""
        if self._name is not None:
            raise InvalidRequestError("Must be multipart form data with only one file")
        self._name = _archive_name(field_name, file_name)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Write a piece. Raises LimitExceededError, NoRoomError."""
        self._size = start + len(raw_data)
        if self._size > self._max_bytes:
            raise self._too_large()
        self._md5.update(raw_data)
        with _spooling():
            self._file.write(raw_data)

    def file_complete(self, file_size: int) -> None:
        """Write what is buffered; the file is not handed to ``request.FILES``."""
        with _spooling():
            self._file.flush()

    def _too_large(self) -> LimitExceededError:
        return LimitExceededError(
            f"The archive is too large: at most {self._max_bytes} bytes are allowed"
        )


def _archive_name(field_name: str, file_name: str) -> str:
    """Return what the archive is called: its file name, or else its field's (``--form a.zip=@b``)."""
    for name in (file_name, field_name):
        if name.lower().endswith(".zip"):
            return "".join(filter(str.isprintable, name))[-_MAX_NAME_LENGTH:]
    extension = Path(file_name).suffix
    raise InvalidRequestError(f'Unrecognized archive file extension "{extension}"')


@contextmanager
def _spooling() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        kind = NoRoomError if error.errno in _NO_ROOM else StorageUnavailableError
        raise kind("uploads", None, error.strerror or str(error)) from error
