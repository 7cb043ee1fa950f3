# SPDX-License-Identifier: MPL-2.0
"""The data folder: made before anyone needs it, in every configuration, and nobody else's to read.

Whoever reads the database or the secret key can be any person of this server.
"""

import logging
import os
import stat
from functools import cache
from pathlib import Path

from platformdirs import user_data_dir

from tecken.env import SettingError

logger = logging.getLogger(__name__)

_OTHERS = stat.S_IRWXG | stat.S_IRWXO
# SQLite makes its other files with the mode of the first.
_SQLITE_FILES = ("", "-wal", "-shm")


def default_data_dir() -> str:
    """Return ``data`` where there is such a folder, else this user's folder for applications."""
    return "data" if Path("data").is_dir() else user_data_dir("tecken", appauthor=False)


def make_data_dir(path: Path, *, new: bool) -> bool:
    """Make the folder, with or without a secret key to keep in it: everyone else expects it.

    Returns True. Raises SettingError when nothing can be kept in it, and where there is none and a
    new one is not wanted.
    """
    if not new and not path.is_dir():
        raise SettingError(
            "TECKEN_DATA_DIR",
            f"is not set, nor is DATABASE_URL, and there is neither ./data nor {path}: "
            "name the server's folder, or start a server with `tecken serve`",
        )
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.mkdir(mode=stat.S_IRWXU, exist_ok=True)
    except OSError as error:
        raise SettingError("TECKEN_DATA_DIR", f"cannot be made: {error}") from error
    if not os.access(path, os.W_OK | os.X_OK):
        raise SettingError("TECKEN_DATA_DIR", f"is {path}, where this user may not write")
    return True


def keep_others_out(path: Path) -> None:
    """Take a file or folder from the group and from others; what is in a folder stays as it is.

    Nothing is done where there is no such file. What cannot be done is logged: a mounted folder may
    belong to somebody else.
    """
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        if mode & stat.S_ISVTX:
            _warn(f"Others can read {path}: it is a folder that all users share")
        elif mode & _OTHERS:
            path.chmod(mode & ~_OTHERS)
    except FileNotFoundError:
        pass
    except OSError as error:
        _warn(f"Others can read {path}: {error}")


@cache
def _warn(text: str) -> None:
    """Say it once: each connection to a database asks for this."""
    logger.warning(text)


def sqlite_files(database: str | Path) -> list[Path]:
    """Return the files of a SQLite database, which need not be there."""
    return [Path(f"{database}{ending}") for ending in _SQLITE_FILES]
