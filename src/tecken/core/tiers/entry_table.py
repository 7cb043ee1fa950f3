# SPDX-License-Identifier: MPL-2.0

"""Which entries a node's folder has, what each takes, and when it was used: a small SQLite table.

All processes of the node share it. Each change is one transaction of constant cost, so nobody has to
look through the folder to add an entry. It lies in the folder itself and may vanish with it; one that
is damaged is made again. Whether or not it tells the truth, the files do: those that it does not know
of, or that it knows and that are gone, are found by looking through the folder once in an hour.

It is written without waiting for the disk: a process that is killed harms nothing, and what a crash of
the machine leaves is a cache.
"""

import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

TABLE_FILE = "entries.sqlite3"
_JOURNAL_FILE = f"{TABLE_FILE}-journal"
_LOCK_SECONDS = 2.0  # others hold the lock for milliseconds
_LOOKED_AT = 16  # of those used longest ago
_SCAN_SECONDS = 3600
_NAMES_AT_ONCE = 500

_SCHEMA = (
    "CREATE TABLE folder (bytes INTEGER NOT NULL, scanned REAL NOT NULL)",
    "INSERT INTO folder VALUES (0, 0)",
    "CREATE TABLE entries"
    " (name TEXT PRIMARY KEY, bytes INTEGER NOT NULL, used INTEGER NOT NULL) WITHOUT ROWID",
    "CREATE INDEX entries_by_use ON entries (used)",
    "CREATE TRIGGER added AFTER INSERT ON entries"
    " BEGIN UPDATE folder SET bytes = bytes + new.bytes; END",
    "CREATE TRIGGER changed AFTER UPDATE OF bytes ON entries"
    " BEGIN UPDATE folder SET bytes = bytes + new.bytes - old.bytes; END",
    "CREATE TRIGGER dropped AFTER DELETE ON entries"
    " BEGIN UPDATE folder SET bytes = bytes - old.bytes; END",
)


@dataclass(frozen=True, slots=True)
class Measured:
    """An entry as its files are: what they take in bytes, and when they were used in nanoseconds."""

    size: int
    used: int


class EntryTable:
    """The table of a folder.

    ``measure`` returns what an entry is, None when it is not there; ``drop`` deletes its files. All
    methods raise OSError where the table cannot be used.
    """

    def __init__(
        self,
        folder: Path,
        measure: Callable[[str], Measured | None],
        drop: Callable[[str], None],
    ) -> None:
        self._folder = folder
        self._measure = measure
        self._drop = drop

    def note(self, name: str, max_bytes: int) -> float | None:
        """Note an entry that was made or has grown, and drop others until all have room.

        Returns when somebody began to look through the folder (0: never) if it is the caller's turn;
        then nobody else is told so for an hour.
        """
        with self._changing() as table:
            self._note(table, name)
            self._make_room(table, name, max_bytes)
            return _claim_scan(table)

    def forget(self, name: str) -> None:
        """Forget an entry that was dropped."""
        with self._changing() as table:
            table.execute("DELETE FROM entries WHERE name = ?", [name])

    def adopt(self, names: Iterable[str]) -> None:
        """Note those of some entries in the folder that the table does not know."""
        with self._changing() as table:
            for name in names:
                if not table.execute("SELECT 1 FROM entries WHERE name = ?", [name]).fetchall():
                    self._note(table, name)

    def forget_missing(self) -> None:
        """Forget all entries whose files are gone, some at a time."""
        last = ""
        page = "SELECT name FROM entries WHERE name > ? ORDER BY name LIMIT ?"
        while True:
            with self._changing() as table:
                names = [name for (name,) in table.execute(page, [last, _NAMES_AT_ONCE])]
                gone = [[name] for name in names if self._measure(name) is None]
                table.executemany("DELETE FROM entries WHERE name = ?", gone)
            if not names:
                return
            last = names[-1]

    def make_room(self, max_bytes: int) -> None:
        """Drop entries until all have room, but for the newest."""
        with self._changing() as table:
            newest = table.execute("SELECT name FROM entries ORDER BY used DESC LIMIT 1").fetchall()
            for (name,) in newest:
                self._make_room(table, name, max_bytes)

    def taken_bytes(self) -> int:
        """Return what all entries take; 0 where there is no table yet. Nobody is kept waiting."""
        try:
            path = (self._folder / TABLE_FILE).resolve(strict=True).as_uri()
            with closing(sqlite3.connect(f"{path}?mode=ro", uri=True, timeout=0.1)) as table:
                [(taken,)] = table.execute("SELECT bytes FROM folder")
        except FileNotFoundError:
            return 0
        except sqlite3.Error as error:
            raise OSError(f"{self._folder / TABLE_FILE} cannot be read: {error}") from error
        return int(taken)

    def _note(self, table: sqlite3.Connection, name: str) -> None:
        measured = self._measure(name)
        if measured is not None:  # else it was dropped meanwhile
            table.execute(
                "INSERT INTO entries VALUES (?1, ?2, ?3)"
                " ON CONFLICT (name) DO UPDATE SET bytes = ?2, used = ?3",
                [name, measured.size, measured.used],
            )

    def _make_room(self, table: sqlite3.Connection, newest: str, max_bytes: int) -> None:
        """Drop entries until the folder has room for the newest, which stays.

        When an entry was used is not written down here each time, as that would cost more than using
        it. It is asked for when the entry seems to be among the oldest.
        """
        while True:
            [(total,)] = table.execute("SELECT bytes FROM folder")
            if total <= max_bytes:
                return
            oldest = table.execute(
                "SELECT name, bytes, used FROM entries WHERE name != ? ORDER BY used LIMIT ?",
                [newest, _LOOKED_AT],
            ).fetchall()
            if not oldest:
                return
            self._drop_some(table, oldest, total - max_bytes)

    def _drop_some(
        self, table: sqlite3.Connection, oldest: list[tuple[str, int, int]], too_much: int
    ) -> None:
        """Drop, until it is enough, those that were not used since; or one if all were."""
        found = [(self._measure(name) or Measured(0, 0), name) for name, _, _ in oldest]
        by_use = sorted(
            (measured.used, name, size, measured.used > used)
            for (measured, name), (_, size, used) in zip(found, oldest, strict=True)
        )
        unused = [entry for entry in by_use if not entry[3]] or by_use[:1]
        for _, name, size, _ in unused:
            if too_much > 0:
                self._drop(name)
                table.execute("DELETE FROM entries WHERE name = ?", [name])
                too_much -= size
        touched = [(used, name) for used, name, _, was_used in by_use if was_used]
        table.executemany("UPDATE entries SET used = ? WHERE name = ?", touched)

    @contextmanager
    def _changing(self) -> Iterator[sqlite3.Connection]:
        """Open the table for one transaction, so that neither a fork nor a deleted folder matters."""
        try:
            with closing(self._open()) as table, table:
                yield table
        except sqlite3.Error as error:
            if not isinstance(error, sqlite3.OperationalError):
                self._remove()  # damaged: it is made again by whoever comes next
            raise OSError(f"{self._folder / TABLE_FILE} cannot be used: {error}") from error

    def _open(self) -> sqlite3.Connection:
        table = sqlite3.connect(
            self._folder / TABLE_FILE, timeout=_LOCK_SECONDS, isolation_level=None
        )
        try:
            table.execute("PRAGMA synchronous = OFF")
            table.execute("PRAGMA journal_mode = TRUNCATE")
            table.execute("BEGIN IMMEDIATE")
            if not table.execute("SELECT 1 FROM sqlite_master").fetchall():
                for statement in _SCHEMA:
                    table.execute(statement)
        except BaseException:
            table.close()
            raise
        return table

    def _remove(self) -> None:
        for name in (TABLE_FILE, _JOURNAL_FILE):
            (self._folder / name).unlink(missing_ok=True)


def _claim_scan(table: sqlite3.Connection) -> float | None:
    now = time.time()
    [(scanned,)] = table.execute("SELECT scanned FROM folder")
    if now - _SCAN_SECONDS < scanned <= now:
        return None
    table.execute("UPDATE folder SET scanned = ?", [now])
    return float(scanned)
