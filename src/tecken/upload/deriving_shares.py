# SPDX-License-Identifier: MPL-2.0

"""Derive the symbols of one module in worker processes: of a large one in shares of its units, several at once."""

import os
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final, Generic, TypeVar

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
        changed = threading.Event()
        runs = [_Run(call, limits, changed) for call in calls]
        try:
            while any(run.is_under_way for run in runs):
                if changed.wait(_LOOK_SECONDS):
                    changed.clear()
                    for run in runs:
                        run.check()
                self._progress(*_sum(shares))
        finally:
            unwanted.set()
            for run in runs:
                run.join(_END_SECONDS)
        return [run.result() for run in runs]


class _Run(Generic[Result]):
    """A call that a worker process runs, and a thread that waits for it and sets ``changed`` at its end.

    The thread ends with the server, which would wait for one of an executor.
    """

    def __init__(
        self, call: Callable[[], Result], limits: TaskLimits, changed: threading.Event
    ) -> None:
        self._call = call
        self._limits = limits
        self._changed = changed
        self._results: list[Result] = []
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="deriving", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._results.append(deriving_pool().run(self._call, limits=self._limits))
        except BaseException as error:  # noqa: BLE001 - it is raised where the result is wanted
            self._error = error
        finally:
            self._changed.set()

    @property
    def is_under_way(self) -> bool:
        return not self._results and self._error is None

    def check(self) -> None:
        """Raise its error, if it had one."""
        if self._error is not None:
            raise self._error

    def join(self, seconds: float) -> None:
        self._thread.join(seconds)

    def result(self) -> Result:
        self.check()
        return self._results[0]


def _sum(shares: Sequence[Path]) -> tuple[int, int]:
    each = [share_progress(share) for share in shares]
    return sum(done for done, _ in each), sum(total for _, total in each)
