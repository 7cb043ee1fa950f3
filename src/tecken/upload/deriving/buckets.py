# SPDX-License-Identifier: MPL-2.0

"""Deriving the symbols of all native files of a bucket that have none yet.

The keys of the bucket are listed once, by pages; what lies in one folder is looked at together, and a module whose symbol
file lies there needs no further question. Of the others the rows say what became of them, and what no row tells of is read.
Every few hundred files it is noted how far the walk has come: after it was killed, the next one goes on there.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import groupby
from typing import Final

from tecken.core.batches import batches
from tecken.core.concurrency.at_once import map_at_once
from tecken.core.errors import InvalidNameError, ObjectChangedError, ObjectNotFoundError
from tecken.core.identifiers import NativeKey, SymbolKey, parse_stored_key, symbol_file_name
from tecken.core.native.kinds import DERIVABLE_KINDS
from tecken.core.storage.sources import Source
from tecken.core.storage.storing import current_object
from tecken.upload.deriving import stored_natives
from tecken.upload.deriving.build_files import NotDerivedError, build_files_of
from tecken.upload.models import FileUpload, SweepCursor
from tecken.upload.object_holders import files_in

_Derivation = FileUpload.Derivation
_FOLDERS_AT_ONCE = 500
_AT_ONCE = 16  # files of a far bucket whose first bytes are read
# What symbol stores have besides, and is never a native file.
_NO_NATIVE_FILES: Final = (
    ".sym", ".gz", ".bz2", ".xz", ".zst", ".zip", ".txt", ".pd_", ".ex_", ".dl_", ".ptr", ".alias",
)  # fmt: skip


@dataclass(slots=True)
class Walked:
    """How far a walk has come. ``files`` were listed; the others count native files without symbols.

    Of ``found``, some were ``derived``, some ``failed`` or wait for another part of their build, and some are ``left``
    to others who are at it.
    """

    files: int = 0
    found: int = 0
    derived: int = 0
    failed: int = 0
    left: int = 0
    last_key: str = ""


@dataclass(slots=True)
class _Folder:
    """The keys of one module of a symbol store, or of one original; the last key as the bucket names it."""

    keys: list[SymbolKey] = field(default_factory=list)
    last_key: str = ""
    files: int = 0

    @property
    def candidates(self) -> list[SymbolKey]:
        """What may be a native file without symbols."""
        names = {key.symbol_file for key in self.keys}
        return [
            key
            for key in self.keys
            if isinstance(key, NativeKey)
            or (
                not key.symbol_file.lower().endswith(_NO_NATIVE_FILES)
                and symbol_file_name(key.debug_file) not in names
            )
        ]


class BucketWalk:
    """Walks over a source that uploads go to. ``again`` takes up also what gave no symbols before."""

    def __init__(self, source: Source, *, dry_run: bool = False, again: bool = False) -> None:
        self._source = source
        self._dry_run = dry_run
        self._again = again
        self._cursor = SweepCursor.objects.filter(source=_cursor_name(source))
        self.walked = Walked()

    def begin_anew(self) -> None:
        """Forget how far an earlier walk came."""
        self._cursor.delete()

    def run(
        self, progress: Callable[[Walked], None], found: Callable[[SymbolKey], None] | None = None
    ) -> Walked:
        """Walk on, and call ``progress`` now and then; ``found`` for each native file that has no symbols.

        Raises StorageError.
        """
        after = ""
        if not self._dry_run:
            after = self._cursor.values_list("key", flat=True).first() or ""
        for folders in batches(self._folders(after), _FOLDERS_AT_ONCE):
            candidates = [key for folder in folders for key in folder.candidates]
            self.walked.files += sum(folder.files for folder in folders)
            self.walked.last_key = folders[-1].last_key
            progress(self.walked)
            for key in self._wanted(candidates):
                self.walked.found += 1
                if found is not None:
                    found(key)
                if not self._dry_run:
                    self._derive(key)
                progress(self.walked)
            if not self._dry_run:
                SweepCursor.objects.update_or_create(
                    source=_cursor_name(self._source), defaults={"key": self.walked.last_key}
                )
        if not self._dry_run:
            self.begin_anew()
        return self.walked

    def _folders(self, after: str) -> Iterator[_Folder]:
        prefix = f"{self._source.prefix}/" if self._source.prefix else ""
        listed = (one.key for one in self._source.bucket.list(prefix, after))
        for _, keys in groupby(listed, lambda key: key.rpartition("/")[0]):
            folder = _Folder()
            for key in keys:
                folder.files += 1
                folder.last_key = key
                try:
                    folder.keys.append(parse_stored_key(key.removeprefix(prefix)))
                except InvalidNameError:  # an index, an alias, or nothing of ours
                    continue
            yield folder

    def _wanted(self, candidates: Sequence[SymbolKey]) -> Iterator[SymbolKey]:
        """Yield the native files without symbols."""
        rows = self._rows_of(candidates)
        unread = [key for key in candidates if not stored_natives.is_read(rows.get(key, ()))]
        kinds = map_at_once(partial(_is_native, self._source), unread, _AT_ONCE)
        is_native = dict(zip(unread, kinds, strict=True))
        for key in candidates:
            if key in is_native:
                has_row = key in rows or stored_natives.may_have_rows(self._source)
                if is_native[key] and has_row:
                    yield key
            elif any(map(self._lacks_symbols, rows[key])):
                yield key

    def _rows_of(self, keys: Iterable[SymbolKey]) -> dict[SymbolKey, list[FileUpload]]:
        by_object = {self._source.object_key(key): key for key in keys}
        found: dict[SymbolKey, list[FileUpload]] = {}
        files = files_in(self._source, by_object).filter(
            completed_at__isnull=False, deleted_at=None
        )
        for row in files.order_by("pk"):
            of_key = found.setdefault(by_object[row.key], [])
            if of_key and of_key[-1].upload_id != row.upload_id:
                of_key.clear()
            of_key.append(row)
        return found

    def _lacks_symbols(self, row: FileUpload) -> bool:
        if row.derivation in {_Derivation.FAILED, _Derivation.WAITING}:
            return self._again
        if row.derivation not in {_Derivation.DONE, _Derivation.SUPERSEDED}:
            return row.derivation == _Derivation.PENDING
        try:
            key = build_files_of(self._source, row.debug_id).symbol_key()
        except NotDerivedError:
            return False
        return current_object(self._source, key) is None

    def _derive(self, key: SymbolKey) -> None:
        states = derive_one(self._source, key)
        if _Derivation.PENDING in states:
            self.walked.left += 1
        elif _Derivation.DONE in states or _Derivation.SUPERSEDED in states:
            self.walked.derived += 1
        else:
            self.walked.failed += 1


def derive_one(source: Source, key: SymbolKey) -> dict[str, str]:
    """Derive the symbols of a stored file now, whatever became of it before; return its states with the reasons.

    None are there of what is no native file, or can have no row. What is left to others is pending. Raises StorageError.
    """
    rows = stored_natives.rows_of(source, key)
    if stored_natives.is_read(rows):
        # What has no role was damaged, or no native file: it is read again.
        derivable = [row.pk for row in rows if row.derivation or not row.role]
        FileUpload.objects.filter(pk__in=derivable).update(
            derivation=_Derivation.PENDING, problem=""
        )
    stored_natives.derive_stored(source.name, source.object_key(key))
    rows = stored_natives.rows_of(source, key)
    return {row.derivation: row.problem for row in rows if row.derivation}


def _is_native(source: Source, key: SymbolKey) -> bool:
    try:
        info = current_object(source, key)
        return info is not None and stored_natives.kind_stored(source, info) in DERIVABLE_KINDS
    except (ObjectChangedError, ObjectNotFoundError):  # just now: an upload derives it
        return False


def _cursor_name(source: Source) -> str:
    return f"symbols derived from {source.name}"[:255]
