# SPDX-License-Identifier: MPL-2.0

"""The temporary files of an upload: what its archive is packed into, native files, and the room that they may take."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from django.conf import settings

from tecken.core.storage.sources import Source
from tecken.core.tempfiles.held_files import SUFFIX, hold_new_file
from tecken.core.tempfiles.spooling import FreeSpace, Scratch, spooling
from tecken.upload.spool import spool_folder
from tecken.web.request_ids import current_request_id

_CHUNK_BYTES = 256 * 1024


def free_space() -> FreeSpace:
    """Return the promise that holds for all temporary files of uploads."""
    return FreeSpace(spool_folder(), settings.UPLOAD_MIN_FREE_BYTES)


def fetch_object(
    source: Source,
    key: str,
    path: Path,
    etag: str | None = None,
    keep: Callable[[], object] = lambda: None,
) -> None:
    """Write an object to a new file; ``keep`` is called before each chunk. Raises StorageError, NoRoomError."""
    space = free_space()
    opened = source.bucket.open(key, if_match=etag)
    with opened as reader, spooling(), path.open("wb") as file:
        while data := reader.read(_CHUNK_BYTES):
            keep()
            for portion in space.portions(data):
                file.write(portion)


@contextmanager
def new_scratch(name: str) -> Iterator[Scratch]:
    """Make a file beside the archive of this name for what is made of it; it goes with the block."""
    with ExitStack() as opened:
        with spooling():
            held = hold_new_file(spool_folder(), current_request_id(), name, "packed")
            file = opened.enter_context(held)
        yield Scratch(file, free_space=free_space())


_FOLDER_SUFFIX = ".files"


@contextmanager
def new_folder(name: str) -> Iterator[Path]:
    """Make a folder beside the archive of this name for files that are read anywhere; it goes with the block.

    As long as it is used there is a file of its name, which is held.
    """
    with ExitStack() as opened:
        with spooling():
            spool_folder().mkdir(parents=True, exist_ok=True)  # a worker receives no archives
            held = hold_new_file(spool_folder(), current_request_id(), name, "native")
            folder = Path(opened.enter_context(held).name).with_suffix(_FOLDER_SUFFIX)
            folder.mkdir()
        opened.callback(shutil.rmtree, folder, ignore_errors=True)
        yield folder


def sweep_folders() -> int:
    """Remove the folders of processes that were killed, whose files were swept; return how many."""
    swept = 0
    for folder in spool_folder().glob(f"*{_FOLDER_SUFFIX}"):
        if not folder.with_suffix(SUFFIX).exists():
            shutil.rmtree(folder, ignore_errors=True)
            swept += 1
    return swept
