# SPDX-License-Identifier: MPL-2.0

"""A lock that the writers of a folder bucket share, in all threads and processes."""

import fcntl
import functools
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tecken.core.storage.sidecars import in_folder


class FolderLock:
    """A lock file below ``root``. The kernel lets go of it when its holder dies."""

    def __init__(self, path: Path, root: Path) -> None:
        self._path = path
        self._root = root

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the lock. Raises OSError as it comes."""
        # Opened each time: the lock belongs to the open file, so threads exclude each other, too.
        open_file = functools.partial(os.open, self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC)
        descriptor = in_folder(self._path.parent, self._root, open_file)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)
