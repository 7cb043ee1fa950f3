# SPDX-License-Identifier: MPL-2.0

"""The temporary file of an upload for what its archive is packed into, and the room that it may take."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from django.conf import settings

from tecken.core.tempfiles.held_files import hold_new_file
from tecken.core.tempfiles.spooling import FreeSpace, Scratch, spooling
from tecken.upload.spool import spool_folder
from tecken.web.request_ids import current_request_id


def free_space() -> FreeSpace:
    """Return the promise that holds for all temporary files of uploads."""
    return FreeSpace(spool_folder(), settings.UPLOAD_MIN_FREE_BYTES)


@contextmanager
def new_scratch(name: str) -> Iterator[Scratch]:
    """Make a file beside the archive of this name for what is made of it; it goes with the block."""
    with ExitStack() as opened:
        with spooling():
            held = hold_new_file(spool_folder(), current_request_id(), name, "packed")
            file = opened.enter_context(held)
        yield Scratch(file, free_space=free_space())
