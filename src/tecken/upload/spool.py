# SPDX-License-Identifier: MPL-2.0

"""Spooling: the archive of a request goes straight to one temporary file, as it arrives.

The file lies in a folder of its own, named by the id of its request (as the log has it) and by its
archive. It goes when the request ends; one that a killed process left is swept. Nothing is read
whole into memory, and the limits hold while the body arrives, whether or not its length was
declared.
"""

import hashlib
import os
import shutil
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Self

from django.conf import settings

from tecken.core.errors import InvalidRequestError, LimitExceededError, NoRoomError
from tecken.core.tempfiles.held_files import hold_new_file
from tecken.core.tempfiles.spooling import FreeSpace, spooling
from tecken.web.metrics import UPLOADS_RUNNING
from tecken.web.request_ids import current_request_id

FORM_BYTES = 64 * 1024  # what a body may have around its archive
_MAX_NAME_LENGTH = 255


@dataclass(frozen=True, slots=True)
class SpooledArchive:
    """An archive that has arrived whole; ``size`` is in bytes, ``content_hash`` its MD5."""

    file: BinaryIO
    name: str
    size: int
    content_hash: str


class Spool:
    """Takes the archive of one request; the block's end, or ``close``, drops it."""

    def __init__(
        self, folder: Path, max_bytes: int, min_free_bytes: int = 0, request_id: str = ""
    ) -> None:
        self._request_id = request_id or current_request_id()
        self._folder = folder
        self._max_bytes = max_bytes
        self._min_free_bytes = min_free_bytes
        self._free_space = FreeSpace(folder, min_free_bytes)
        self._name: str | None = None
        self._size = 0
        self._md5 = hashlib.md5(usedforsecurity=False)
        self._opened = ExitStack()
        self._file: BinaryIO
        with spooling():
            folder.mkdir(parents=True, exist_ok=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def close(self) -> None:
        """Remove the file."""
        self._opened.close()

    def is_used(self) -> None:
        """Count as an upload that runs, until it is closed."""
        UPLOADS_RUNNING.add(1)
        self._opened.callback(UPLOADS_RUNNING.add, -1)

    @property
    def max_body_bytes(self) -> int:
        """How many bytes a body may have that brings an archive."""
        return self._max_bytes + FORM_BYTES

    def check_length(self, declared_bytes: int) -> None:
        """Refuse a body that cannot be taken, before any of it is read.

        Raises LimitExceededError, NoRoomError. An archive needs its size three times: here,
        packed, and, if all of it is new and the bucket is on the same disk, as objects.
        """
        if declared_bytes > self.max_body_bytes:
            raise self._too_large()
        self._check_room(3 * declared_bytes)

    def check_archive(self, size: int) -> None:
        """Refuse an archive of so many bytes as ``check_length`` does a body."""
        if size > self._max_bytes:
            raise self._too_large()
        self._check_room(3 * size)

    def archive(self) -> SpooledArchive:
        """Return what has arrived. Raises InvalidRequestError when no file has."""
        if self._name is None:
            raise InvalidRequestError("Must be multipart form data with at least one file")
        return SpooledArchive(self._file, self._name, self._size, self._md5.hexdigest())

    def new_file(self, field_name: str, file_name: str) -> None:
        """Begin a file. Raises InvalidRequestError for a second one, or a wrong name."""
        if self._name is not None:
            raise InvalidRequestError("Must be multipart form data with only one file")
        self._name = archive_name(field_name, file_name)
        with spooling():
            held = hold_new_file(self._folder, self._request_id, self._name)
            self._file = self._opened.enter_context(held)

    def write(self, data: bytes) -> None:
        """Write a chunk. Raises LimitExceededError, NoRoomError."""
        self._size += len(data)
        if self._size > self._max_bytes:
            raise self._too_large()
        self._md5.update(data)
        for portion in self._free_space.portions(data):
            with spooling():
                self._file.write(portion)
        os.sched_yield()  # archives arrive as fast as they are taken, and requests wait meanwhile

    def complete(self) -> None:
        """Write what is buffered."""
        with spooling():
            self._file.flush()

    def _check_room(self, needed_bytes: int) -> None:
        with spooling():
            free = shutil.disk_usage(self._folder).free
        if needed_bytes + self._min_free_bytes > free:
            raise NoRoomError("uploads", None, "the disk has no room for the archive")

    def _too_large(self) -> LimitExceededError:
        return LimitExceededError(
            f"The archive is too large: at most {self._max_bytes} bytes are allowed"
        )


def archive_name(field_name: str, file_name: str) -> str:
    """Return what the archive is called: its file name, or else its field's (``--form a.zip=@b``).

    Raises InvalidRequestError when neither is a name of an archive.
    """
    for name in (file_name, field_name):
        if name.lower().endswith(".zip"):
            return "".join(filter(str.isprintable, name))[-_MAX_NAME_LENGTH:]
    extension = Path(file_name).suffix
    raise InvalidRequestError(f'Unrecognized archive file extension "{extension}"')


def spool_folder() -> Path:
    """Return the folder of all archives that are being taken on this node."""
    folder: Path = settings.DATA_DIR / "tmp" / "uploads"
    return folder


def new_spool(request_id: str = "") -> Spool:
    """Return a spool with the limits of the settings, for the request at hand or another one."""
    return Spool(
        spool_folder(),
        settings.UPLOAD_MAX_ARCHIVE_BYTES,
        settings.UPLOAD_MIN_FREE_BYTES,
        request_id,
    )
