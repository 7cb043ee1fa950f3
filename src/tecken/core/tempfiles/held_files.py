# SPDX-License-Identifier: MPL-2.0

"""Temporary files with names, which can be told apart from those of a process that has died.

Whoever makes such a file holds a lock on it until it is removed. The lock ends with the process,
however that ends, so a file without one is a leftover.
"""

import fcntl
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

SUFFIX = ".part"
_MAX_LABEL_LENGTH = 150  # of the 255 bytes of a name, which has more in it


@contextmanager
def hold_new_file(folder: Path, *labels: str) -> Iterator[BinaryIO]:
    """Make a file to write and read, for as long as the block lasts.

    The labels are for people: ``("9f86d081", "symbols.zip")`` makes the file
    ``9f86d081-symbols.zip-x7k2m_qd.part``, whose path is its ``name``. Characters that do not belong
    in a name are replaced.
    """
    prefix = "-".join(map(_printable, labels))
    while True:
        file = _new_file(folder, f"{prefix}-")
        fcntl.flock(file, fcntl.LOCK_EX)
        if os.fstat(file.fileno()).st_nlink:
            break
        file.close()  # swept in the moment before it was locked
    try:
        yield file
    finally:
        Path(file.name).unlink(missing_ok=True)
        with suppress(OSError):  # closing writes what is left, and there may be no room for it
            file.close()


def _new_file(folder: Path, prefix: str) -> BinaryIO:
    descriptor, path = tempfile.mkstemp(SUFFIX, prefix, folder)
    return open(path, "w+b", opener=lambda *_: descriptor)


def leftover_files(folder: Path) -> Iterator[Path]:
    """Yield the files that nobody holds any more."""
    for path in folder.glob(f"*{SUFFIX}"):
        with suppress(FileNotFoundError), _held_by_nobody(path) as left:
            if left:
                yield path


def sweep_leftovers(folder: Path) -> int:
    """Remove the files that nobody holds any more; return how many there were."""
    swept = 0
    for path in leftover_files(folder):
        path.unlink()  # while it is locked here: nobody can begin to hold it meanwhile
        swept += 1
    return swept


@contextmanager
def _held_by_nobody(path: Path) -> Iterator[bool]:
    with path.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True


def _printable(label: str) -> str:
    shown = "".join(c if c.isascii() and (c.isalnum() or c in "._-") else "_" for c in label)
    return shown[-_MAX_LABEL_LENGTH:]
