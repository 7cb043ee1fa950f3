# SPDX-License-Identifier: MPL-2.0

"""From a URL of Microsoft's to a symbol file: fetch a cabinet, unpack the PDB, read its symbols.

Everything goes through files in one temporary folder. The programs write to standard output, so
that no name in a cabinet leads anywhere, and that what they write can be bounded.
"""

import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from tecken.core.errors import InvalidRequestError, LimitExceededError, NoRoomError
from tecken.core.external_programs import run_program
from tecken.core.fetching.fetch import fetch
from tecken.core.tempfiles.spooling import spooling
from tecken.download.microsoft.rules import microsoft_fetch_rules, program_limits

_CABINET_SIGNATURE = b"MSCF"
_PREFIX = "lookup-"


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """Make a folder for one lookup; it goes when the block ends. Raises NoRoomError."""
    with spooling():
        _folders().mkdir(parents=True, exist_ok=True)
        if shutil.disk_usage(_folders()).free < settings.UPLOAD_MIN_FREE_BYTES:
            raise NoRoomError("Microsoft lookups", None, "the disk is full")
        folder = tempfile.TemporaryDirectory(dir=_folders(), prefix=_PREFIX)
    with folder as name:
        yield Path(name)


def leftover_folders(older_than_seconds: float) -> Iterator[Path]:
    """Yield the folders that processes which were killed have left."""
    before = time.time() - older_than_seconds
    return (path for path in _folders().glob(f"{_PREFIX}*") if path.stat().st_mtime < before)


def make_symbol_file(url: str, debug_file: str, folder: Path) -> Path:
    """Make the symbol file of the PDB that a cabinet at ``url`` has.

    Raises InvalidRequestError for what is not there or is no cabinet with that PDB,
    LimitExceededError, RemoteUnavailableError, ProgramError, NoRoomError.
    """
    cabinet = folder / "cabinet"
    _fetch(url, cabinet)
    # dump_syms takes the name of the module from that of the file.
    pdb = folder / debug_file
    _run([settings.CABEXTRACT_PATH, "--quiet", "--pipe", "--filter", debug_file, cabinet], pdb)
    if pdb.stat().st_size == 0:
        raise InvalidRequestError(f"The cabinet at {url} has no {debug_file}")
    symbols = folder / "symbols"
    _run([settings.DUMP_SYMS_PATH, pdb], symbols)
    return symbols


def _fetch(url: str, path: Path) -> None:
    limit = settings.MICROSOFT_DOWNLOAD_MAX_BYTES
    size = 0
    with fetch(url, microsoft_fetch_rules()) as fetched, path.open("w+b") as file:
        for chunk in fetched.chunks:
            size += len(chunk)
            if size > limit:
                raise LimitExceededError(f"{url} has more than {limit} bytes")
            with spooling():
                file.write(chunk)
        file.seek(0)
        beginning = file.read(len(_CABINET_SIGNATURE))
    if beginning != _CABINET_SIGNATURE:
        raise InvalidRequestError(f"{url} is not a cabinet: it begins with {beginning!r}")


def _run(command: list[str | Path], path: Path) -> None:
    with path.open("wb") as file:
        run_program([str(part) for part in command], file, program_limits())


def _folders() -> Path:
    folder: Path = settings.DATA_DIR / "tmp" / "microsoft"
    return folder
