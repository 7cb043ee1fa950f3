# SPDX-License-Identifier: MPL-2.0

"""Deriving the symbols of one module: its files are read in worker processes, and what comes of it is stored and noted."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO, Final

from django.conf import settings

from tecken.core.archives.inspection import Inspection
from tecken.core.errors import (
    ArchiveRefusedError,
    NativeFileError,
    NoRoomError,
    ObjectNotFoundError,
)
from tecken.core.identifiers import SymbolKey, debug_id_of_build_id, is_hex_id
from tecken.core.locating.events import symbol_stored
from tecken.core.native.identify import identify_file
from tecken.core.native.kinds import Kind, Role, features
from tecken.core.native.model import Derived, NativeFiles
from tecken.core.process_pool.errors import WorkerError
from tecken.core.process_pool.worker_process import TaskLimits
from tecken.core.storage.sources import Source
from tecken.core.storage.storing import current_object, is_same
from tecken.upload.deriving import shares, turns
from tecken.upload.deriving.build_files import (
    LACKS_SPLIT,
    BuildFiles,
    NotDerivedError,
    PostponedError,
    WaitingError,
    find_split,
    is_in,
    note_split_ids,
)
from tecken.upload.deriving.claims import Claim, ClaimLostError
from tecken.upload.deriving.shares import ModuleWork
from tecken.upload.last_found import note_derived
from tecken.upload.lone_symbols import note_lone_symbols
from tecken.upload.models import FileUpload, Upload
from tecken.upload.object_holders import files_in, with_uploads
from tecken.upload.rows import store_inspected
from tecken.upload.rules import inspection_rules, storing_rules
from tecken.upload.scratch import fetch_object, free_space

LACKS_ALTERNATE: Final = "a part of its debug information is in a file of dwz, with the build id {}, which is missing or damaged"
_IS_NAMELESS = (
    "its executable, which would tell the name of its module, is missing; until that comes its symbols"
    " are found by the id alone"
)
_BACKGROUND_SECONDS = 3000  # for one module
_CHUNK_BYTES = 256 * 1024

_Derivation = FileUpload.Derivation

logger = logging.getLogger(__name__)


def note(
    rows: Sequence[FileUpload],
    derivation: FileUpload.Derivation,
    problem: str = "",
    *,
    only_pending: bool = False,
) -> None:
    """Write down what became of files, and why."""
    same = FileUpload.objects.filter(pk__in=[row.pk for row in rows])
    if only_pending:
        same = same.filter(derivation=_Derivation.PENDING)
    same.update(derivation=derivation, problem=problem.replace("\0", "")[:1000])


def note_gone(rows: Sequence[FileUpload]) -> None:
    """Write down that nothing can be derived of files any more."""
    note(rows, _Derivation.FAILED, "its file is gone", only_pending=True)


class ModuleDeriving:
    """Derives a module, with temporary files in a folder. ``is_postponed``: it is left to the background."""

    def __init__(
        self,
        upload: Upload | None,
        source: Source,
        folder: Path,
        claim: Claim,
        *,
        is_waited_for: bool,
    ) -> None:
        self._upload = upload
        self._source = source
        self._folder = folder
        self._claim = claim
        self._alternate_id = ""
        self._alternate: FileUpload | None = None
        self._split_ids: tuple[int, ...] = ()
        self._split: FileUpload | None = None
        self.is_postponed = False
        self.is_lost = False  # to another process, which writes down what comes of it
        # On a node one of each sort runs at a time, so memory is bounded over all; small files need less.
        self._is_waited_for = is_waited_for
        memory_bytes = settings.UPLOAD_DERIVE_MAX_MEMORY_BYTES
        if is_waited_for:
            self._limits = TaskLimits(settings.UPLOAD_DERIVE_TIMEOUT, memory_bytes // 2)
        else:
            self._limits = TaskLimits(_BACKGROUND_SECONDS, memory_bytes)

    def derive(self, found: BuildFiles, local: Mapping[str, Path]) -> FileUpload | None:
        """Derive the symbols of a module, store them, and write down what came of it.

        Return the row of the symbol file if there is a new one. ``local`` are the files that are here.
        Raises StorageError.
        """
        try:
            key = found.symbol_key()
            if self._was_uploaded(key):
                note(found.rows, _Derivation.SUPERSEDED)
                return None
            text = self._folder / "derived.sym"
            derived = self._run(found, key, local, text)
            if self._was_uploaded(key):  # meanwhile
                note(found.rows, _Derivation.SUPERSEDED)
                return None
            with text.open("rb") as file:
                row = self._store(key, derived, file, found)
        except NotDerivedError as error:
            note(found.rows, error.becomes, str(error))
            return None
        except (NativeFileError, ArchiveRefusedError) as error:
            note(found.rows, _Derivation.FAILED, str(error))
            return None
        except ClaimLostError:
            logger.warning("%s is derived by another process, too", found.rows[0])
            self.is_lost = True
            return None
        nameless = _IS_NAMELESS if found.is_nameless else ""
        note(found.rows, _Derivation.DONE, self._lacking(derived) or nameless)
        if self._has_come(derived):
            note(found.rows, _Derivation.PENDING)
            self.is_postponed = True
        if found.executable and found.debug and is_hex_id(found.debug.debug_file):
            # Named by its build id: now it is known what it is a part of, and can be asked for by that.
            FileUpload.objects.filter(pk=found.debug.pk).update(
                debug_file=key.debug_file, code_file=key.debug_file
            )
        return row

    def _lacking(self, derived: Derived) -> str:
        """Say what there would be more with."""
        if "alternate" in derived.lacks:
            return LACKS_ALTERNATE.format(self._alternate_id)
        return LACKS_SPLIT if "split" in derived.lacks else ""

    def _has_come(self, derived: Derived) -> bool:
        """Say whether what was missing is there by now.

        Whoever stored it since may have looked for what lacks it before that was written down, and one of both must see
        the other. What was found before, and could not be read, does not count.
        """
        now = known = None
        if "alternate" in derived.lacks:
            now, known = self._find_alternate(), self._alternate
        elif "split" in derived.lacks:
            now, known = find_split(self._source, self._split_ids), self._split
        return now is not None and now != known

    def _was_uploaded(self, key: SymbolKey) -> bool:
        """Say whether a symbol file is there that was not derived."""
        if current_object(self._source, key) is None:
            return False
        rows = files_in(self._source, [self._source.object_key(key)])
        last = rows.filter(completed_at__isnull=False, deleted_at=None).order_by("pk").last()
        return last is None or not last.derived

    def _run(
        self, found: BuildFiles, key: SymbolKey, local: Mapping[str, Path], text: Path
    ) -> Derived:
        try:
            executable = self._path_of(found.executable, local)
            debug = self._path_of(found.debug, local)
            alternate = self._alternate_of(debug or executable)
        except NoRoomError:
            raise self._no_room() from None
        if executable is None and debug is None:
            raise NotDerivedError("its files are gone")
        arch = found.rows[0].arch or None
        code_file = found.executable.code_file if found.executable else ""
        files = NativeFiles(
            key.debug_file,
            executable=executable,
            debug=debug,
            alternate=alternate,
            arch=arch,
            code_file=code_file,
            free_space=free_space(),
        )
        limits = turns.limits_of(found.rows, self._limits)
        try:
            files = replace(files, split=self._split_of(found, files, limits))
            derived = self._read(files, text, limits, self._processes_of(found))
        except NoRoomError:
            raise self._no_room() from None
        except WorkerError as error:
            logger.warning("no symbols of %s were derived: %s", key, error)
            raise NotDerivedError(turns.why_not_derived(error, found.rows)) from error
        if not derived.functions and not derived.publics:
            if None not in (found.executable, found.debug):
                raise NotDerivedError("its files have no symbols")
            missing = "its executable" if found.executable is None else "its debug file"
            raise WaitingError(f"it has no symbols; {missing} may have them")
        return derived

    def _read(self, files: NativeFiles, text: Path, limits: TaskLimits, processes: int) -> Derived:
        """Read a module; what others bring that cannot be read, be it dwz's file or split units, is left out.

        Raises NativeFileError, and what a worker process raises.
        """
        try:
            return ModuleWork(files, text, limits, self._claim.keep).run(processes)
        except NativeFileError as error:
            if files.alternate is None and files.split is None:
                raise
            logger.info("%s is read without its dwz file and split units: %s", files.name, error)
        files = replace(files, alternate=None, split=None)
        return ModuleWork(files, text, limits, self._claim.keep).run(processes)

    def _no_room(self) -> NotDerivedError:
        """Return what it means that temporary files would take more of the disk than they may."""
        if not self._is_waited_for:
            return NotDerivedError(
                "there is no room on the disk for what is read of it: its debug information is compressed, or others need the disk"
            )
        self.is_postponed = True
        return PostponedError("there was no room on the disk")

    def _processes_of(self, found: BuildFiles) -> int:
        """Return how many processes derive a module: the background is free to use several."""
        size = found.size + (self._split.original_size if self._split else 0)
        if self._is_waited_for or turns.is_of_windows(found.rows):
            return 1
        return shares.processes_of(size)

    def _alternate_of(self, path: Path | None) -> Path | None:
        """Return the file of dwz that a debug file refers to, if it is there. Raises NativeFileError, StorageError."""
        self._alternate_id = ""
        if path is not None:
            self._alternate_id = next(
                (module.alternate_id for module in identify_file(path) if module.alternate_id), ""
            )
        self._alternate = self._find_alternate() if self._alternate_id else None
        return self._path_of(self._alternate, {})

    def _split_of(self, found: BuildFiles, files: NativeFiles, limits: TaskLimits) -> Path | None:
        """Return the file with the split units that a module refers to, if it is there.

        Raises NativeFileError, StorageError, NoRoomError, PostponedError, and what a worker process raises.
        """
        self._split_ids, self._split = (), None
        for row, path in ((found.debug, files.debug), (found.executable, files.executable)):
            if row is None or path is None or row.kind != Kind.ELF:
                continue
            if not any(module.may_be_split for module in identify_file(path)):
                continue
            ids = ModuleWork(files, path, limits, self._claim.keep).split_ids(path)
            note_split_ids(row, ids)
            self._split_ids = self._split_ids or ids
        if not self._split_ids:
            return None
        self._split = find_split(self._source, self._split_ids)
        if self._split is None:
            return None
        if self._is_waited_for and self._split.original_size > settings.UPLOAD_DERIVE_MAX_BYTES:
            self.is_postponed = True
            raise PostponedError("its split units are large")
        return self._path_of(self._split, {})

    def _find_alternate(self) -> FileUpload | None:
        rows = FileUpload.objects.filter(
            debug_id=debug_id_of_build_id(self._alternate_id.ljust(32, "0")),  # which has an index
            code_id=self._alternate_id.upper(),
            kind=Kind.ELF,
            role=Role.DEBUGINFO,
        ).filter(completed_at__isnull=False, deleted_at=None)
        there = [row for row in with_uploads(rows).order_by("pk") if is_in(self._source, row)]
        return there[-1] if there else None

    def _path_of(self, row: FileUpload | None, local: Mapping[str, Path]) -> Path | None:
        """Return a file that is here, or fetch it; None when it has gone. Raises StorageError."""
        if row is None or row.key in local:
            return local[row.key] if row else None
        path = self._folder / f"stored-{row.pk}"
        try:
            fetch_object(self._source, row.key, path, keep=self._claim.keep)
        except ObjectNotFoundError:
            note([row], _Derivation.FAILED, "its file is gone")
            return None
        return path

    def _store(
        self, key: SymbolKey, derived: Derived, file: BinaryIO, found: BuildFiles
    ) -> FileUpload | None:
        """Store a text unless it is there; return its row. Raises ArchiveRefusedError for a forbidden snippet."""
        compressed = storing_rules().compresses(key)
        size = file.seek(0, 2)
        inspected = Inspection(self._chunks(file), size, key, inspection_rules()).finish()
        current = current_object(self._source, key)
        if current is not None and is_same(current, inspected.digest, compressed=compressed):
            symbol_stored.publish(key)
            live = files_in(self._source, [current.key]).filter(deleted_at=None)
            note_derived(live, found.rows)
            return None
        has = features(
            lines=derived.has_lines,
            symbols=bool(derived.functions or derived.publics),
            unwind=bool(derived.unwind_records),
        )
        fields = {
            "debug_file": key.debug_file,
            "debug_id": key.debug_id,
            "kind": Kind.BREAKPAD,
            "arch": derived.arch,
            "has": ",".join(has),
            "role": Role.DEBUGINFO if found.is_lone else "",  # what is found by its id alone
        }
        row = store_inspected(
            self._upload,
            self._source,
            key,
            self._chunks(file),
            inspected,
            fields,
            update=current is not None,
            derived=True,
        )
        note_derived(FileUpload.objects.filter(pk=row.pk), found.rows)
        if found.is_lone:
            note_lone_symbols()
        return row

    def _chunks(self, file: BinaryIO) -> Iterator[bytes]:
        file.seek(0)
        while data := file.read(_CHUNK_BYTES):
            self._claim.keep()
            yield data
