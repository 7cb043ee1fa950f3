# SPDX-License-Identifier: MPL-2.0

"""Symbol files that are derived from native files: with an upload, or after it.

What is derived lies under the ordinary key of the module's symbol file, as if it had been uploaded, and has a
row of its own. It is made of all parts of a build that its bucket has: the executable and the debug file may come
in any order, and in several uploads. A symbol file that was uploaded counts for more and is left alone.

Native files are hostile: they are read in a worker process, within a time and in so much memory.
"""

import logging
import time
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.db.models import Q

from tecken.core.archives.inspection import Inspection
from tecken.core.errors import ArchiveRefusedError, NativeFileError
from tecken.core.identifiers import SymbolKey, is_hex_id
from tecken.core.locating.events import symbol_stored
from tecken.core.native.identify import identify_file
from tecken.core.native.kinds import Kind, Role, parts
from tecken.core.native.model import Derived, NativeFiles
from tecken.core.process_pool.errors import TaskMemoryError, TaskTimeoutError, WorkerError
from tecken.core.process_pool.worker_process import TaskLimits
from tecken.core.storage.sources import Source
from tecken.core.storage.storing import current_object, is_same, store
from tecken.core.tempfiles.spooling import spooling
from tecken.jobs.registry import find_task
from tecken.jobs.services import enqueue, enqueue_once
from tecken.upload import deriving_limits, deriving_shares
from tecken.upload.build_parts import BuildParts, NotDerivedError, WaitingError, is_in, parts_of
from tecken.upload.deriving_shares import ModuleWork
from tecken.upload.first_pass import Candidate
from tecken.upload.models import FileUpload, Upload
from tecken.upload.object_holders import files_in, reachable, with_uploads
from tecken.upload.rows import begin_row, complete_row, head_fields
from tecken.upload.rules import inspection_rules, storing_rules
from tecken.upload.scratch import free_space, new_folder

TASK = "upload.derive_symbols"

_Derivation = FileUpload.Derivation
_LACKS_ALTERNATE = (
    "a part of its debug information is in a file of dwz, with the build id {}, which is missing"
)
_BEFORE_ANSWER_SECONDS = 60  # after which nothing more is begun while a client waits
_BACKGROUND_SECONDS = 3000  # for one module
_RETRY_SECONDS = 15  # until what others kept from being derived is tried again
_CHUNK_BYTES = 256 * 1024

logger = logging.getLogger(__name__)


def derive_symbols(
    upload: Upload,
    source: Source,
    candidates: Iterable[Candidate],
    folder: Path,
    later: list[str],
) -> Iterator[FileUpload]:
    """Derive what takes little time from the native files of an upload; yield the rows of what was stored.

    The candidates are stored already. What takes longer is left pending, and its debug ids are added to ``later``.
    Raises StorageError.
    """
    ends = time.monotonic() + _BEFORE_ANSWER_SECONDS
    for debug_id, local in _modules(source, candidates).items():
        found = parts_of(source, debug_id)
        if not _is_wanted(source, found):
            continue
        if found.size > settings.UPLOAD_DERIVE_MAX_BYTES or time.monotonic() > ends:
            _note(found.rows, _Derivation.PENDING)
            later.append(debug_id)
            continue
        work = _Deriving(upload, source, folder, is_waited_for=True)
        with deriving_limits.turn_of(found.rows, is_waited_for=True) as is_ours:
            row = work.derive(found, local) if is_ours else None
        if not is_ours:
            _note(found.rows, _Derivation.PENDING)
            later.append(debug_id)
        if row is not None:
            yield row


def derive_later(upload: Upload, again: Collection[str] = ()) -> None:
    """Have what is left of an upload derived in the background; call it in the transaction.

    So are the modules of other uploads that it has something for, by their debug ids.
    """
    pending = FileUpload.objects.filter(derivation=_Derivation.PENDING)
    left = pending.filter(Q(upload=upload) | Q(upload__isnull=False, debug_id__in=again))
    for upload_id in left.order_by().values_list("upload_id", flat=True).distinct():
        enqueue(find_task(TASK), upload_id=upload_id)


def derive_again(source: Source, candidates: Iterable[Candidate]) -> list[str]:
    """Mark what refers to files of dwz that an upload has brought; return the debug ids of these modules."""
    again: list[str] = []
    for candidate in candidates:
        if candidate.native is None or not candidate.is_new:
            continue
        for module in candidate.native.modules:
            if module.kind == Kind.ELF and not module.has_code:
                lacking = FileUpload.objects.filter(
                    derivation=_Derivation.DONE,
                    deleted_at=None,
                    bucket_name=source.bucket.name,
                    problem=_LACKS_ALTERNATE.format(module.native_id),
                )
                again += lacking.values_list("debug_id", flat=True)
                lacking.update(derivation=_Derivation.PENDING, problem="")
    return again


def derive_pending(upload_id: int) -> int:
    """Derive what is left of an upload; return how many symbol files were stored. Raises StorageError.

    What others keep from it is left to a task that comes a little later.
    """
    stored, last = 0, 0
    busy: set[bool] = set()  # whether of Windows
    while True:
        pending = FileUpload.objects.filter(upload=upload_id, derivation=_Derivation.PENDING)
        row = with_uploads(pending.filter(pk__gt=last)).order_by("pk").first()
        if row is None or row.upload is None:
            break
        last = row.pk
        there = reachable(row)
        if there is None or row.deleted_at is not None:
            _note([row], _Derivation.FAILED, "its file is gone")
            continue
        source, _ = there
        with new_folder(row.upload.filename) as folder:
            work = _Deriving(row.upload, source, folder, is_waited_for=False)
            found = parts_of(source, row.debug_id)
            of_windows = deriving_limits.is_of_windows(found.rows)
            if of_windows in busy:
                continue
            with deriving_limits.turn_of(found.rows, is_waited_for=False) as is_ours:
                if not is_ours:
                    busy.add(of_windows)
                    continue
                stored += work.derive(found, {}) is not None
        # Those of its parts that are not taken, as another has more, are done with them.
        _note([row], _Derivation.DONE, only_pending=True)
    if busy:
        enqueue_once(find_task(TASK), _RETRY_SECONDS, upload_id=upload_id)
    return stored


def _modules(source: Source, candidates: Iterable[Candidate]) -> dict[str, dict[str, Path]]:
    """Return the debug ids of native files, and of each the files that are here, by the keys of objects."""
    modules: dict[str, dict[str, Path]] = {}
    for candidate in candidates:
        if candidate.native is None:
            continue
        for module in candidate.native.modules:
            if not module.is_derivable:
                continue
            local = modules.setdefault(module.debug_id, {})
            if not candidate.is_poorer:
                local[source.object_key(candidate.key)] = candidate.native.path
    return modules


def _is_wanted(source: Source, found: BuildParts) -> bool:
    """Say whether something has changed since symbols were derived, or they have gone."""
    if any(row.derivation == _Derivation.PENDING for row in found.rows):
        return True
    with suppress(NotDerivedError):
        return bool(found.rows) and current_object(source, found.symbol_key()) is None
    return False


def _note(
    rows: Sequence[FileUpload],
    derivation: FileUpload.Derivation,
    problem: str = "",
    *,
    only_pending: bool = False,
) -> None:
    same = FileUpload.objects.filter(pk__in=[row.pk for row in rows])
    if only_pending:
        same = same.filter(derivation=_Derivation.PENDING)
    same.update(derivation=derivation, problem=problem.replace("\0", "")[:1000])


class _Deriving:
    """Derives one module after the other, with temporary files in a folder."""

    def __init__(
        self, upload: Upload, source: Source, folder: Path, *, is_waited_for: bool
    ) -> None:
        self._upload = upload
        self._source = source
        self._folder = folder
        self._alternate_id = ""
        # On a node one of each sort runs at a time, so memory is bounded over all; small files need less.
        self._is_waited_for = is_waited_for
        memory_bytes = settings.UPLOAD_DERIVE_MAX_MEMORY_BYTES
        if is_waited_for:
            self._limits = TaskLimits(settings.UPLOAD_DERIVE_TIMEOUT, memory_bytes // 2)
        else:
            self._limits = TaskLimits(_BACKGROUND_SECONDS, memory_bytes)

    def derive(self, found: BuildParts, local: Mapping[str, Path]) -> FileUpload | None:
        """Derive the symbols of a module, store them, and write down what came of it.

        Return the row of the symbol file if there is a new one. ``local`` are the files that are here.
        Raises StorageError.
        """
        try:
            key = found.symbol_key()
            if self._was_uploaded(key):
                _note(found.rows, _Derivation.NEEDLESS)
                return None
            text = self._folder / "derived.sym"
            derived = self._run(found, key, local, text)
            with text.open("rb") as file:
                row = self._store(key, derived, file)
        except NotDerivedError as error:
            _note(found.rows, error.becomes, str(error))
            return None
        except (NativeFileError, ArchiveRefusedError) as error:
            _note(found.rows, _Derivation.FAILED, str(error))
            return None
        _note(found.rows, _Derivation.DONE, self._lacking(derived))
        if found.executable and found.debug and is_hex_id(found.debug.debug_file):
            # Named by its build id: now it is known what it is a part of, and can be asked for by that.
            FileUpload.objects.filter(pk=found.debug.pk).update(
                debug_file=key.debug_file, code_file=key.debug_file
            )
        return row

    def _lacking(self, derived: Derived) -> str:
        """Say what there would be more with."""
        if "alternate" in derived.lacks:
            return _LACKS_ALTERNATE.format(self._alternate_id)
        if "split" in derived.lacks:
            return "a part of its debug information is in files of split units, which are missing"
        return ""

    def _was_uploaded(self, key: SymbolKey) -> bool:
        """Say whether a symbol file is there that was not derived."""
        if current_object(self._source, key) is None:
            return False
        rows = files_in(self._source, [self._source.object_key(key)])
        last = rows.filter(completed_at__isnull=False, deleted_at=None).order_by("pk").last()
        return last is None or not last.derived

    def _run(
        self, found: BuildParts, key: SymbolKey, local: Mapping[str, Path], text: Path
    ) -> Derived:
        executable = self._path_of(found.executable, local)
        debug = self._path_of(found.debug, local)
        arch = found.rows[0].arch or None
        alternate = self._alternate_of(debug or executable)
        code_file = found.executable.code_file if found.executable else ""
        files = NativeFiles(
            key.debug_file,
            executable=executable,
            debug=debug,
            alternate=alternate,
            arch=arch,
            code_file=code_file,
        )
        limits = deriving_limits.limits_of(found.rows, self._limits)
        try:
            work = ModuleWork(files, text, limits, lambda done, total: None)
            derived = work.run(self._processes_of(found))
        except TaskTimeoutError:
            raise NotDerivedError("deriving its symbols takes too long") from None
        except TaskMemoryError:
            raise NotDerivedError("deriving its symbols takes too much memory") from None
        except WorkerError as error:
            logger.warning("no symbols of %s were derived: %s", key, error)
            raise NotDerivedError(deriving_limits.what_a_crash_means(found.rows)) from error
        if not derived.functions and not derived.publics:
            if None not in (found.executable, found.debug):
                raise NotDerivedError("its files have no symbols")
            missing = "its executable" if found.executable is None else "its debug file"
            raise WaitingError(f"it has no symbols; {missing} may have them")
        return derived

    def _processes_of(self, found: BuildParts) -> int:
        """Return how many processes derive a module: the background is free to use several."""
        is_small = found.size < deriving_shares.MIN_BYTES_OF_SHARES
        if self._is_waited_for or is_small or deriving_limits.is_of_windows(found.rows):
            return 1
        return deriving_shares.processes_at_once()

    def _alternate_of(self, path: Path | None) -> Path | None:
        """Return the file of dwz that a debug file refers to, if it is there. Raises NativeFileError, StorageError."""
        self._alternate_id = ""
        if path is not None:
            self._alternate_id = next(
                (module.alternate_id for module in identify_file(path) if module.alternate_id), ""
            )
        if not self._alternate_id:
            return None
        rows = FileUpload.objects.filter(
            code_id=self._alternate_id.upper(), kind=Kind.ELF, role=Role.DEBUGINFO
        ).filter(completed_at__isnull=False, deleted_at=None)
        there = [row for row in with_uploads(rows) if is_in(self._source, row)]
        return self._path_of(there[-1] if there else None, {})

    def _path_of(self, row: FileUpload | None, local: Mapping[str, Path]) -> Path | None:
        """Return a file that is here, or fetch it. Raises StorageError."""
        if row is None or row.key in local:
            return local[row.key] if row else None
        path = self._folder / f"stored-{row.pk}"
        space = free_space()
        with self._source.bucket.open(row.key) as reader, spooling(), path.open("wb") as file:
            while data := reader.read(_CHUNK_BYTES):
                for portion in space.portions(data):
                    file.write(portion)
        return path

    def _store(self, key: SymbolKey, derived: Derived, file: BinaryIO) -> FileUpload | None:
        """Store a text unless it is there; return its row. Raises ArchiveRefusedError for a forbidden snippet."""
        rules = storing_rules()
        compressed = rules.compresses(key)
        size = file.seek(0, 2)
        inspected = Inspection(_chunks(file), size, key, inspection_rules()).finish()
        current = current_object(self._source, key)
        if current is not None and is_same(current, inspected.digest, compressed=compressed):
            symbol_stored.publish(key)
            return None
        has = parts(
            lines=derived.has_lines,
            symbols=bool(derived.functions or derived.publics),
            unwind=bool(derived.unwind_records),
        )
        fields = {
            **head_fields(inspected.head),
            "debug_file": key.debug_file,
            "debug_id": key.debug_id,
            "kind": Kind.BREAKPAD,
            "arch": derived.arch,
            "has": ",".join(has),
        }
        row = begin_row(
            self._upload,
            self._source,
            key,
            size,
            fields,
            update=current is not None,
            compressed=compressed,
            derived=True,
        )
        info = store(self._source, key, _chunks(file), inspected.digest, rules)
        symbol_stored.publish(key)
        complete_row(row, info)
        return row


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    file.seek(0)
    return iter(partial(file.read, _CHUNK_BYTES), b"")
