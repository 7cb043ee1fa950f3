# SPDX-License-Identifier: MPL-2.0

"""Files that are put into a backup or taken out of it: linked where that can be done, else copied.

Objects and sidecars of a folder bucket are never changed, only replaced, so a second name of one stays
what it was.
"""

import os
import shutil
import stat
from pathlib import Path


def link_or_copy(source: Path, target: Path) -> bool:
    """Make a file known under a second name, or copy it; say whether it could be linked."""
    if link(source, target):
        return True
    copy(source, target)
    return False


def link(source: Path, target: Path) -> bool:
    """Make a file known under a second name; False where that cannot be done.

    Raises FileNotFoundError.
    """
    if source.is_symlink():
        return False
    try:
        os.link(source, target)
    except FileNotFoundError:
        raise
    except OSError:  # another file system, or one without links, or somebody else's file
        return False
    return True


def copy(source: Path, target: Path) -> None:
    """Copy a file that may be replaced meanwhile: what was opened is copied, with its time and mode.

    Raises OSError as it comes.
    """
    with source.open("rb") as original, target.open("xb") as file:
        version = os.fstat(original.fileno())
        shutil.copyfileobj(original, file, 1024 * 1024)
        file.flush()
        os.utime(file.fileno(), ns=(version.st_mtime_ns, version.st_mtime_ns))
        os.fchmod(file.fileno(), stat.S_IMODE(version.st_mode))


def copy_private(source: Path, target: Path) -> None:
    """Copy a file so that nobody else may read it."""
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with source.open("rb") as original, os.fdopen(descriptor, "wb") as file:
        shutil.copyfileobj(original, file, 1024 * 1024)
        file.flush()
        os.fsync(file.fileno())
