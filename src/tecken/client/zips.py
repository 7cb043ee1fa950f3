# SPDX-License-Identifier: MPL-2.0
"""Look into a zip that somebody else made, to send only what is missing of it."""

import lzma
import zlib
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import BinaryIO, TypeVar, cast
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile, ZipInfo

from tecken.client.errors import ClientError
from tecken.client.gzips import MAGIC, iter_plain
from tecken.client.layout import COMPRESSION_LEVEL
from tecken.client.missing import Fingerprint, fingerprint
from tecken.core.archives.layout import symbol_key_of
from tecken.core.errors import ArchiveRefusedError

# What Python's reader raises for zips that are damaged, encrypted, or compressed in ways it does not know.
_UNREADABLE = (BadZipFile, EOFError, OSError, RuntimeError, ValueError, zlib.error, lzma.LZMAError)
_MAX_LINE_BYTES = 4096  # of a MODULE record, which has two names in it

Result = TypeVar("Result")


class UnreadableZipError(ClientError):
    """What is in a zip cannot be told here; a server says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class ZippedFile:
    """A file in a zip; ``stored_bytes`` is what it takes there."""

    name: str
    stored_bytes: int
    fingerprint: Fingerprint


def holds_symbols(path: Path) -> bool:
    """Say whether everything in a zip lies where files of a symbol store do."""
    try:
        return bool(_reading(path, lambda archive: [*_files(archive)]))
    except UnreadableZipError:
        return False


def files_of(path: Path) -> list[ZippedFile]:
    """Read all files of a zip that a server would store.

    Raises UnreadableZipError, and ClientError for a symbol file without a MODULE record.
    """
    return _reading(
        path, lambda archive: [_read(archive, info, key) for info, key in _files(archive)]
    )


def write_part(path: Path, names: Collection[str], target: BinaryIO) -> None:
    """Write a zip of some files of another. Raises UnreadableZipError."""

    def write(archive: ZipFile) -> None:
        with ZipFile(target, "w", ZIP_DEFLATED, compresslevel=COMPRESSION_LEVEL) as part:
            for name in names:
                with archive.open(name) as source, part.open(name, "w", force_zip64=True) as file:
                    for chunk in iter_plain(cast("BinaryIO", source)):
                        file.write(chunk)

    _reading(path, write)


def _reading(path: Path, work: Callable[[ZipFile], Result]) -> Result:
    try:
        with ZipFile(path) as archive:
            return work(archive)
    except (*_UNREADABLE, ArchiveRefusedError) as error:
        raise UnreadableZipError(f"{path}: {error}") from error


def _files(archive: ZipFile) -> Iterator[tuple[ZipInfo, str]]:
    """Yield what a server would store, with its key. Raises ArchiveRefusedError."""
    keys = set()
    for info in archive.infolist():
        key = None if info.is_dir() else symbol_key_of(info.filename)
        if key is None:
            continue
        if key in keys:
            raise ArchiveRefusedError(f"there are two files called {key}")
        keys.add(key)
        yield info, str(key)


def _read(archive: ZipFile, info: ZipInfo, key: str) -> ZippedFile:
    with archive.open(info) as source:
        first = source.read(_MAX_LINE_BYTES)
        if key.lower().endswith(".sym") and not first.startswith((b"MODULE ", MAGIC)):
            raise ClientError(
                f"{archive.filename}: {info.filename} does not begin with a MODULE record, "
                "so it is no symbol file; nothing of this zip is sent"
            )
        chunks = chain((first,), iter_plain(cast("BinaryIO", source)))
        return ZippedFile(info.filename, info.compress_size, fingerprint(key, chunks))
