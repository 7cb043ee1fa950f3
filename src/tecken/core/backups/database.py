# SPDX-License-Identifier: MPL-2.0

"""A consistent copy of a SQLite database that others write to meanwhile.

Source: https://sqlite.org/backup.html
"""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from tecken.core.errors import BackupError

_WAIT_SECONDS = 60.0


def copy_database(source: Path, target: Path) -> None:
    """Write a database as it is in one moment into a file of its own.

    Writers do not wait for it: with a write-ahead log the copy is a reader. Raises BackupError.
    """
    os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        with (
            # Not made when it is not there.
            closing(
                sqlite3.connect(f"{source.as_uri()}?mode=rw", timeout=_WAIT_SECONDS, uri=True)
            ) as ours,
            closing(sqlite3.connect(target)) as copy,
        ):
            ours.backup(copy)
            # So that nothing has to lie beside it.
            copy.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.Error as error:
        raise BackupError(source, f"cannot be copied: {error}") from error
    check_database(target)


def check_database(path: Path) -> None:
    """Look through a whole database. Raises BackupError when it is none, or damaged."""
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True)) as database:
            [[said]] = database.execute("PRAGMA integrity_check(1)").fetchall()
    except sqlite3.Error as error:
        raise BackupError(path, f"is no database: {error}") from error
    if said != "ok":
        raise BackupError(path, f"is damaged: {said}")
