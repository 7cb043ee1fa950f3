# SPDX-License-Identifier: MPL-2.0

"""Symbols that are derived from native files of other symbol servers, in the background.

What is derived lies in the cache of the server, under the ordinary key of the module's symbol file, and goes from there as
all else does. It belongs to nobody, so it has no row. The files are read in worker processes, as those of uploads are.
"""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connections, transaction

from tecken.core.errors import (
    CrowdedError,
    NativeFileError,
    ObjectNotFoundError,
    StorageUnavailableError,
    WrongFileError,
)
from tecken.core.identifiers import SymbolKey
from tecken.core.locating.events import symbol_stored
from tecken.core.native.kinds import Kind, Role
from tecken.core.native.model import Derived, NativeFiles
from tecken.core.process_pool.errors import WorkerError
from tecken.core.process_pool.worker_process import TaskLimits
from tecken.core.upstreams.layouts import is_of_windows
from tecken.core.upstreams.receiving import check_symbols
from tecken.core.upstreams.upstream import NativeFile, Upstream
from tecken.jobs.registry import find_task
from tecken.jobs.services import enqueue_once, is_crowded
from tecken.upload.deriving import shares, turns
from tecken.upload.deriving.queueing import DERIVE_UPSTREAM, try_again, wake_next
from tecken.upload.deriving.shares import ModuleWork
from tecken.upload.models import FileUpload
from tecken.upload.rules import inspection_rules
from tecken.upload.scratch import new_folder
from tecken.web.sources import source_named

TASK = DERIVE_UPSTREAM
_MAX_WAITING = 100  # anybody can ask for any module of the world
_SECONDS = 3000  # for one module

logger = logging.getLogger(__name__)


class _TurnNotComeError(Exception):
    """Another module is being derived on this node."""


def derive_later(source_name: str, key: SymbolKey, code_id: str) -> None:
    """Have the symbols of a module derived, unless they are going to be. Raises StorageUnavailableError.

    The caller is a thread that has no other use for the database.
    """
    task = find_task(TASK)
    arguments: dict[str, Any] = {"source": source_name, "key": str(key), "code_id": code_id}
    try:
        with transaction.atomic():
            is_new = enqueue_once(task, or_runs=True, **arguments)
            if is_new and is_crowded(task, _MAX_WAITING + 1):  # then it is not added after all
                reason = "too many modules of other servers wait for their symbols to be derived"
                raise CrowdedError(source_name, str(key), reason)
    except (DatabaseError, InterfaceError) as error:
        raise StorageUnavailableError(source_name, str(key), "the database failed") from error
    finally:
        connections.close_all()


def derive(source_name: str, key: SymbolKey, code_id: str) -> None:
    """Fetch the native files of a module, and store the symbols that come of them.

    What cannot be used is remembered as such; what others of this node keep from it is left to a task that comes a
    little later. Raises StorageError: then it is worth another try.
    """
    source = source_named(source_name)
    if source is None or not isinstance(source.upstream, Upstream):
        return  # it was taken out of the list
    upstream = source.upstream
    try:
        with new_folder(key.debug_file) as folder:
            text = folder / "derived.sym"
            with _turn(_expected(key)):
                pass  # nothing is fetched that could not be read now
            _derive(upstream.fetch_parts(key, code_id, folder), key, text)
            digest = check_symbols(text, key, inspection_rules())
            upstream.keep(key, code_id, text, digest)
    except (WrongFileError, NativeFileError) as error:
        upstream.refuse(key, code_id, error.reason)
    except ObjectNotFoundError:
        upstream.refuse(key, code_id, "its files are gone")
    except _TurnNotComeError:
        try_again(TASK, source=source_name, key=str(key), code_id=code_id)
        return
    symbol_stored.publish(key)
    wake_next()


def _expected(key: SymbolKey) -> list[FileUpload]:
    """Return what tells whose turn it is, as long as the files of a module are not here."""
    return [FileUpload(kind=Kind.PDB if is_of_windows(key) else Kind.ELF)]


def _derive(files: Sequence[NativeFile], key: SymbolKey, text: Path) -> Derived:
    """Write the symbols of a module to ``text``. Raises WrongFileError, NativeFileError, _TurnNotComeError."""
    rows = [FileUpload(kind=file.module.kind) for file in files]  # by which the limits are told
    executable, debug = (_of_role(files, role) for role in (Role.EXECUTABLE, Role.DEBUGINFO))
    native = NativeFiles(
        key.debug_file,
        executable=executable.path if executable else None,
        debug=debug.path if debug else None,
        alternate=next((file.path for file in files if file.is_alternate), None),
        arch=files[0].module.arch or None,
        code_file=executable.name if executable else "",
    )
    limits = TaskLimits(_SECONDS, settings.UPLOAD_DERIVE_MAX_MEMORY_BYTES)
    with _turn(rows):
        try:
            work = ModuleWork(native, text, turns.limits_of(rows, limits), _go_on)
            derived = work.run(_processes(files, rows))
        except WorkerError as error:
            raise WrongFileError(turns.why_not_derived(error, rows)) from error
    if not derived.functions and not derived.publics:
        raise WrongFileError("its native files have no symbols")
    return derived


@contextmanager
def _turn(rows: Sequence[FileUpload]) -> Iterator[None]:
    with turns.turn_of(rows, is_waited_for=False) as is_ours:
        if not is_ours:
            raise _TurnNotComeError
        yield


def _processes(files: Sequence[NativeFile], rows: Sequence[FileUpload]) -> int:
    size = sum(file.path.stat().st_size for file in files)
    return 1 if turns.is_of_windows(rows) else shares.processes_of(size)


def _of_role(files: Sequence[NativeFile], role: Role) -> NativeFile | None:
    return next(
        (file for file in files if file.module.role == role and not file.is_alternate), None
    )


def _go_on(_done: int, _all: int) -> None:
    """Nobody is told how far it is."""
