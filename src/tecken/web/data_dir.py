# SPDX-License-Identifier: MPL-2.0
"""The data folder: made before anyone needs it, and nobody else's to read; and what is kept in it.

Whoever reads the database or the secret key can be any person of this server. Servers and workers use the folder
beside each other, one restore alone: they hold a lock of the kernel, which lets go of it when its last holder has
died. Child processes that outlive a killed server count.
"""

import fcntl
import json
import logging
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

from platformdirs import user_data_dir

from tecken.env import SettingError

logger = logging.getLogger(__name__)

_OTHERS = stat.S_IRWXG | stat.S_IRWXO
# SQLite makes its other files with the mode of the first.
_SQLITE_FILES = ("", "-wal", "-shm")
KEY_FILE = "secret_key"
LOCK_FILE = "serve.lock"
_SERVER_NOTE = "server.json"


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


def keep_secret_key(data_dir: Path) -> str:
    """Return the secret key that the data folder keeps, and make it when there is none.

    Two processes that start together get the same key: only one link can be made.
    """
    path = data_dir / KEY_FILE
    with suppress(FileNotFoundError):
        return path.read_text(encoding="ascii")
    draft = data_dir / f"{KEY_FILE}.{secrets.token_hex(8)}"
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(48))
    try:
        os.link(draft, path)
    except FileExistsError:
        pass  # another process was faster; its key is the one
    finally:
        draft.unlink()
    return path.read_text(encoding="ascii")


@contextmanager
def data_in_use(data_dir: Path) -> Iterator[None]:
    """Use the data folder together with others. Raises SettingError while it is being restored."""
    with _locked(data_dir, fcntl.LOCK_SH, "which is being restored: wait until that has ended"):
        yield


@contextmanager
def data_to_oneself(data_dir: Path) -> Iterator[None]:
    """Have the data folder for oneself. Raises SettingError while others use it."""
    with _locked(
        data_dir, fcntl.LOCK_EX, "which a server, a worker or a backup uses: end it first"
    ):
        yield


@contextmanager
def _locked(data_dir: Path, kind: int, otherwise: str) -> Iterator[None]:
    descriptor = os.open(data_dir / LOCK_FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise SettingError("TECKEN_DATA_DIR", f"is {data_dir}, {otherwise}") from None
    finally:
        os.close(descriptor)


@contextmanager
def noted_server(data_dir: Path, url: str) -> Iterator[None]:
    """Note the URL of a server while it runs. Of several on one folder the last one is known."""
    note = data_dir / _SERVER_NOTE
    mine = json.dumps({"url": url, "process": os.getpid()})
    with suppress(OSError):  # a full disk: commands say the URL of the settings then
        note.write_text(mine)
    try:
        yield
    finally:
        with suppress(OSError):
            if note.read_text() == mine:
                note.unlink()


def noted_url(data_dir: Path) -> str | None:
    """Return the URL of the server that runs on a data folder, as far as is known."""
    try:
        note = json.loads((data_dir / _SERVER_NOTE).read_text())
        os.kill(note["process"], 0)
        return str(note["url"])
    except PermissionError:  # it runs, as another user
        return str(note["url"])
    except (OSError, ValueError, LookupError, TypeError):
        return None
