# SPDX-License-Identifier: MPL-2.0

"""What ``POST /symbolicate/minidump`` is sent: the bytes of a minidump, or a form with one file.

It goes to a temporary file, which goes with the request; one that a killed process left is swept.
"""

import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from email.message import Message
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.http import HttpRequest
from multipart import MultipartError, MultipartSegment, PushMultipartParser

from tecken.core.errors import InvalidRequestError, LimitExceededError
from tecken.core.minidumps.outline import check_minidump
from tecken.core.tempfiles.held_files import hold_new_file, leftover_files, sweep_leftovers
from tecken.core.tempfiles.spooling import FreeSpace, spooling
from tecken.web.codings import Readable, open_body
from tecken.web.request_body import declared_length
from tecken.web.request_ids import current_request_id

_CHUNK_BYTES = 256 * 1024
_FORM_BYTES = 64 * 1024  # what a form may have around its file
_MAX_PARTS = 100  # who sends crashes sends notes beside them, which are not read


@dataclass(frozen=True, slots=True)
class HeldMinidump:
    """A temporary file for a minidump, and the folder beside it for what is laid out for it."""

    file: BinaryIO

    @property
    def path(self) -> Path:
        """Where it lies."""
        return Path(self.file.name)

    @property
    def symbols(self) -> Path:
        """The folder, which is not there at first."""
        return _symbols_beside(self.path)


@contextmanager
def hold_minidump() -> Iterator[HeldMinidump]:
    """Make a file for one minidump; it goes when the block ends, with its folder. Raises NoRoomError."""
    with ExitStack() as held:
        with spooling():
            _folder().mkdir(parents=True, exist_ok=True)
            file = held.enter_context(hold_new_file(_folder(), current_request_id(), "minidump"))
        minidump = HeldMinidump(file)
        held.callback(shutil.rmtree, minidump.symbols, ignore_errors=True)
        yield minidump


def sweep_minidumps(*, dry_run: bool) -> int:
    """Remove what killed processes have left; return how many minidumps."""
    left = list(leftover_files(_folder()))
    for path in () if dry_run else left:
        shutil.rmtree(_symbols_beside(path), ignore_errors=True)
    return len(left) if dry_run else sweep_leftovers(_folder())


def check_declared_length(request: HttpRequest) -> None:
    """Raises LimitExceededError for a body that says that it is too large."""
    if (declared_length(request.META) or 0) > settings.MINIDUMP_MAX_BYTES + _FORM_BYTES:
        raise _too_large()


def take_minidump(request: HttpRequest, file: BinaryIO) -> int:
    """Write the minidump of a request to a file, and return how many bytes it has.

    Raises InvalidRequestError, LimitExceededError, NoRoomError.
    """
    body = open_body(request, settings.MINIDUMP_MAX_BYTES + _FORM_BYTES)
    message = Message()
    message["Content-Type"] = request.headers.get("Content-Type", "")
    is_form = message.get_content_type() == "multipart/form-data"
    chunks = _file_of_form(body, message.get_boundary() or "") if is_form else _chunks(body)
    free_space = FreeSpace(_folder(), settings.UPLOAD_MIN_FREE_BYTES, "minidumps")
    size = _write(chunks, file, free_space)
    with spooling():
        file.flush()
    check_minidump(file, size)
    return size


def _write(chunks: Iterator[bytes], file: BinaryIO, free_space: FreeSpace) -> int:
    size = 0
    for chunk in chunks:
        size += len(chunk)
        if size > settings.MINIDUMP_MAX_BYTES:
            raise _too_large()
        for portion in free_space.portions(chunk):
            with spooling():
                file.write(portion)
    return size


def _chunks(body: Readable) -> Iterator[bytes]:
    while chunk := body.read(_CHUNK_BYTES):
        yield chunk


def _file_of_form(body: Readable, boundary: str) -> Iterator[bytes]:
    """Yield the file of a form. Raises InvalidRequestError for none, and for more than one."""
    files, is_file = 0, False
    try:
        with PushMultipartParser(boundary, max_segment_count=_MAX_PARTS) as parser:
            for chunk in _with_end(body):
                for event in parser.parse(chunk):
                    if isinstance(event, MultipartSegment):
                        is_file = event.filename is not None
                        files += is_file
                        if files > 1:
                            raise InvalidRequestError("The form has more than one file")
                    elif event is not None and is_file:
                        yield bytes(event)
    except (MultipartError, UnicodeError) as error:
        raise InvalidRequestError("The multipart form cannot be read") from error
    if not files:
        raise InvalidRequestError("The form has no file")


def _with_end(body: Readable) -> Iterator[bytes]:
    """Yield the chunks of a body and an empty one, which tells the parser of the end."""
    yield from _chunks(body)
    yield b""


def _too_large() -> LimitExceededError:
    return LimitExceededError(
        f"The minidump is too large: at most {settings.MINIDUMP_MAX_BYTES} bytes are allowed"
    )


def _symbols_beside(path: Path) -> Path:
    return path.with_name(f"{path.name}.symbols")


def _folder() -> Path:
    folder: Path = settings.DATA_DIR / "tmp" / "minidumps"
    return folder
