# SPDX-License-Identifier: MPL-2.0

"""Derive the symbols of one module in worker processes: of a large one in shares of its units, several at once."""

import os
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, wait
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final, TypeVar

from django.conf import settings

from tecken.core.native.model import Derived, NativeFiles
from tecken.core.native.share_progress import share_progress
from tecken.core.process_pool.errors import TaskMemoryError
from tecken.core.process_pool.worker_process import TaskLimits
from tecken.upload.reading import deriving_pool

# Of smaller ones a second process would save less than its start takes.
MIN_BYTES_OF_SHARES: Final = 8 * 1024 * 1024
# 550 MB of debug information take 105 MB of private memory (benchmarks/RECORD.md).
_LEAST_MEMORY_BYTES = 160 * 1024 * 1024
_MAX_PROCESSES = 4
_LOOK_SECONDS = 1.0
_END_SECONDS = 5.0

Result = TypeVar("Result")
# Is told how many bytes of units are done, and of how many, about every second; what it raises ends the work.
Progress = Callable[[int, int], None]


def processes_of(size: int) -> int:
    """Return how many processes derive a module whose files have so many bytes."""
    return 1 if size < MIN_BYTES_OF_SHARES else processes_at_once()


def processes_at_once() -> int:
    """Return how many processes may derive shares of a module at a time: one for each core that memory allows."""
    wanted = settings.UPLOAD_DERIVE_PROCESSES or min(os.cpu_count() or 1, _MAX_PROCESSES)
    return max(1, min(wanted, settings.UPLOAD_DERIVE_MAX_MEMORY_BYTES // _LEAST_MEMORY_BYTES))


class ModuleWork:
    """A module whose symbols are written to ``output``; temporary files go beside it.

    ``limits`` are those of all ``processes`` together.
    """

    def __init__(
        self, files: NativeFiles, output: Path, limits: TaskLimits, progress: Progress
    ) -> None:
        self._files = files
        self._output = output
        self._limits = limits
        self._progress = progress
        self._ends = time.monotonic() + limits.timeout_seconds

    def run(self, processes: int = 1) -> Derived:
        """Derive them. Raises NativeFileError, WorkerError and what ``progress`` raises.

        When several processes need more than their share of the memory, one tries it with all of it.
        """
        # Imported when it is used: few of a server's processes ever need it.
        from tecken.core.native.derive import derive

        if processes > 1:
            try:
                return self._in_shares(processes)
            except TaskMemoryError:
                pass
        return self._all_of([partial(derive, self._files, self._output)])[0]

    def split_ids(self, path: Path) -> tuple[int, ...]:
        """Return ids of the split units that one of the files refers to. Raises as ``run``."""
        from tecken.core.native.split_ids import split_ids_of

        return self._all_of([partial(split_ids_of, path, self._files.free_space)])[0]

    def _in_shares(self, processes: int) -> Derived:
        from tecken.core.native.derive import derive_share, inflate_sections, join_shares

        files = replace(self._files, inflated=self._new_folder("inflated"))
        shares = [self._new_folder(f"share-{number}") for number in range(processes)]
        self._all_of([partial(inflate_sections, files)])
        self._all_of(
            [
                partial(derive_share, files, folder, number, processes)
                for number, folder in enumerate(shares)
            ],
            shares,
        )
        return self._all_of([partial(join_shares, files, shares, self._output)], shares)[0]

    def _new_folder(self, name: str) -> Path:
        folder = self._output.with_name(f"{self._output.name}-{name}")
        folder.mkdir()
        return folder

    def _all_of(
        self, calls: Sequence[Callable[[], Result]], shares: Sequence[Path] = ()
    ) -> list[Result]:
        """Run each call in a process of its own, and return the results; the first error ends all."""
        unwanted = threading.Event()
        memory_bytes = self._limits.max_memory_bytes
        limits = TaskLimits(
            self._ends - time.monotonic(),
            memory_bytes and memory_bytes // len(calls),
            lambda: not unwanted.is_set() and self._limits.is_wanted(),
        )
        futures = [_begin(call, limits) for call in calls]
        left = set(futures)
        try:
            while left:
                done, left = wait(futures, _LOOK_SECONDS, FIRST_EXCEPTION)
                for future in done:
                    future.result()  # raises its error
                self._progress(*_sum(shares))
        finally:
            unwanted.set()
            wait(futures, _END_SECONDS)
        return [future.result() for future in futures]


def _begin(call: Callable[[], Result], limits: TaskLimits) -> Future[Result]:
    """Have a worker process run a call. The thread that waits for it ends with the server, as none of an executor does."""
    future: Future[Result] = Future()

    def run() -> None:
        try:
            future.set_result(deriving_pool().run(call, limits=limits))
        except BaseException as error:  # noqa: BLE001 - it is raised where the result is wanted
            future.set_exception(error)

    threading.Thread(target=run, name="deriving", daemon=True).start()
    return future


def _sum(shares: Sequence[Path]) -> tuple[int, int]:
    each = [share_progress(share) for share in shares]
    return sum(done for done, _ in each), sum(total for _, total in each)
