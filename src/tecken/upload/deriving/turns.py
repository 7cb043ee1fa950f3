# SPDX-License-Identifier: MPL-2.0

"""How many modules are derived at a time on a node, and what each may take.

Those of Windows have a limit of their own: the library that reads PDBs takes much memory, and may crash.
"""

from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import Final

from django.conf import settings

from tecken.core.concurrency.file_lock import file_lock
from tecken.core.native.kinds import Kind
from tecken.core.process_pool.errors import TaskMemoryError, TaskTimeoutError, WorkerError
from tecken.core.process_pool.worker_process import TaskLimits
from tecken.upload.models import FileUpload
from tecken.upload.spool import spool_folder

TURN_SECONDS: Final = 10  # so long a client waits for others


def is_of_windows(rows: Iterable[FileUpload]) -> bool:
    """Say whether one of the files of a module is a PDB or PE file."""
    return any(row.kind in {Kind.PDB, Kind.PE} for row in rows)


def turn_of(rows: Iterable[FileUpload], *, is_waited_for: bool) -> AbstractContextManager[bool]:
    """Take the turn of a module on this node, and say whether it has come; while a client waits, it is waited for.

    One module of Windows is derived at a time, one of the others while a client waits, and one in the background. Who has
    the turn may be stopped, so nobody waits without end; whose turn does not come tries again later, in the background.
    """
    others = "before-answers" if is_waited_for else "background"
    name = "windows" if is_of_windows(rows) else others
    return file_lock(_folder() / f"{name}.lock", TURN_SECONDS if is_waited_for else 0)


def _folder() -> Path:
    return spool_folder().parent / "deriving"


def limits_of(rows: Iterable[FileUpload], limits: TaskLimits) -> TaskLimits:
    """Return the limits for a module: those of Windows may take more memory."""
    if not is_of_windows(rows):
        return limits
    return replace(limits, max_memory_bytes=settings.UPLOAD_DERIVE_PDB_MAX_MEMORY_BYTES)


def why_not_derived(error: WorkerError, rows: Iterable[FileUpload]) -> str:
    """Say why a module has no symbols that a worker process did not come to an end with."""
    if isinstance(error, TaskTimeoutError):
        return "deriving its symbols takes too long"
    if isinstance(error, TaskMemoryError):
        return "deriving its symbols takes too much memory"
    if is_of_windows(rows):
        return "it is damaged, or takes too much memory: the library that reads it crashed"
    return "deriving its symbols failed"
