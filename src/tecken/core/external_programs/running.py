# SPDX-License-Identifier: MPL-2.0

"""Running programs on files that strangers made: bounded in time and output, and told no secrets."""

import math
import os
import selectors
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, NoReturn

from tecken.core.errors import ProgramError, ProgramNotRunError, ProgramStoppedError
from tecken.core.external_programs import limited
from tecken.core.tempfiles.spooling import spooling

_CHUNK_BYTES = 256 * 1024
_COMPLAINT_BYTES = 2000  # the end of what it says on standard error
_LOOK_SECONDS = 0.5
# Its own environment has the keys of buckets and databases.
_ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C.UTF-8"}


@dataclass(frozen=True, slots=True)
class ProgramLimits:
    """How long a program may run, and how much it may write to standard output.

    One that has ``memory_bytes``, of address space, also writes no files, gives way to others, and ends with
    the thread that started it (only Linux does this). ``is_wanted`` is asked twice a second.
    """

    seconds: float
    output_bytes: int
    memory_bytes: int | None = None
    is_wanted: Callable[[], bool] = lambda: True


def find_program(program: str) -> str:
    """Return the path of a program, named by its path or as a shell would find it.

    Raises ProgramNotRunError.
    """
    found = shutil.which(program)
    if found is None:
        raise ProgramNotRunError(program, "is not installed")
    return found


def run_program(command: Sequence[str], output: BinaryIO, limits: ProgramLimits) -> None:
    """Run ``command``, and write its standard output to ``output``.

    The first part is the program, as ``find_program`` takes it. Raises ProgramNotRunError, ProgramError
    when it ends with another status than 0, and ProgramStoppedError when it goes beyond a limit or is not
    wanted any more; then it is killed, with what it started. NoRoomError when ``output`` has none.
    """
    program = Path(command[0]).name
    whole = [find_program(command[0]), *command[1:]]
    if limits.memory_bytes is not None:
        whole = [*_launcher(limits.memory_bytes, limits.seconds), *whole]
    with _started(whole, program) as process:
        watch = _Watch(program, limits)
        said = _copy(process, output, watch)
        while True:
            with suppress(subprocess.TimeoutExpired):
                status = process.wait(watch.seconds())
                break
    complaint = said[-1] if said else "no reason"
    if limits.memory_bytes is not None and status == limited.NOT_RUN:
        raise ProgramNotRunError(program, complaint)
    if status != 0:
        raise ProgramError(program, f"failed with status {status}: {complaint}", said)


def _launcher(memory_bytes: int, seconds: float) -> list[str]:
    own = [sys.executable, "-I", "-S", str(limited.__file__)]
    return [*own, str(os.getpid()), str(memory_bytes), str(math.ceil(seconds))]


class _Watch:
    """Looks now and then whether a program may go on."""

    def __init__(self, program: str, limits: ProgramLimits) -> None:
        self._program = program
        self._limits = limits
        self._deadline = time.monotonic() + limits.seconds

    def seconds(self) -> float:
        """Return for how long to wait before the next look. Raises ProgramStoppedError."""
        left = self._deadline - time.monotonic()
        if left <= 0:
            self._stop(f"was not done after {self._limits.seconds:g} s")
        if not self._limits.is_wanted():
            self._stop("is not wanted any more")
        return min(left, _LOOK_SECONDS)

    def check_size(self, size: int) -> None:
        """Look at how many bytes were written. Raises ProgramStoppedError."""
        if size > self._limits.output_bytes:
            self._stop(f"wrote more than {self._limits.output_bytes} bytes")

    def _stop(self, reason: str) -> NoReturn:
        raise ProgramStoppedError(self._program, reason)


def _copy(process: "subprocess.Popen[bytes]", output: BinaryIO, watch: _Watch) -> list[str]:
    """Copy the output until it ends; return the last lines of what was said on standard error.

    Raises ProgramStoppedError.
    """
    complaint, size = b"", 0
    with selectors.DefaultSelector() as selector:
        for stream in (process.stdout, process.stderr):
            selector.register(stream, selectors.EVENT_READ)  # type: ignore[arg-type]
        while selector.get_map():
            for key, _ in selector.select(watch.seconds()):
                chunk = os.read(key.fd, _CHUNK_BYTES)
                if not chunk:
                    selector.unregister(key.fileobj)
                elif key.fileobj is process.stderr:
                    complaint = (complaint + chunk)[-_COMPLAINT_BYTES:]
                else:
                    size += len(chunk)
                    watch.check_size(size)
                    with spooling():
                        output.write(chunk)
    return complaint.decode(errors="replace").splitlines()


@contextmanager
def _started(command: Sequence[str], program: str) -> Iterator["subprocess.Popen[bytes]"]:
    """Start a process in a group of its own; what is left of it is killed when the block ends."""
    try:
        process = subprocess.Popen(  # noqa: S603 - the caller's command; no shell
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=_ENVIRONMENT,
            start_new_session=True,
        )
    except OSError as error:
        raise ProgramNotRunError(program, f"cannot be started: {error.strerror}") from error
    with process:
        try:
            yield process
        finally:
            if process.returncode is None:
                with suppress(ProcessLookupError):  # all of it has just ended
                    os.killpg(process.pid, signal.SIGKILL)
