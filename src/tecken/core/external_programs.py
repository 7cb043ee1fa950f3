# SPDX-License-Identifier: MPL-2.0

"""Running programs on files that strangers made: bounded in time and output, and told no secrets."""

import os
import selectors
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from tecken.core.errors import ProgramError, ProgramNotRunError
from tecken.core.tempfiles.spooling import spooling

_CHUNK_BYTES = 256 * 1024
_COMPLAINT_BYTES = 2000  # the end of what it says on standard error
# Its own environment has the keys of buckets and databases.
_ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C.UTF-8"}


@dataclass(frozen=True, slots=True)
class ProgramLimits:
    """How long a program may run, and how much it may write to standard output."""

    seconds: float
    output_bytes: int


class _OutputTooLargeError(Exception):
    pass


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

    The first part is the program, as ``find_program`` takes it. Raises ProgramNotRunError, and
    ProgramError when it ends with another status than 0 or goes beyond a limit; then it is killed,
    with what it started. NoRoomError when ``output`` has none.
    """
    program = Path(command[0]).name
    deadline = time.monotonic() + limits.seconds
    with _started([find_program(command[0]), *command[1:]], program) as process:
        try:
            complaint = _copy(process, output, deadline, limits)
            status = process.wait(max(deadline - time.monotonic(), 0))
        except subprocess.TimeoutExpired:
            raise ProgramError(program, f"was not done after {limits.seconds:g} s") from None
        except _OutputTooLargeError:
            reason = f"wrote more than {limits.output_bytes} bytes"
            raise ProgramError(program, reason) from None
    if status != 0:
        raise ProgramError(program, f"failed with status {status}: {complaint or 'no reason'}")


def _copy(
    process: "subprocess.Popen[bytes]", output: BinaryIO, deadline: float, limits: ProgramLimits
) -> str:
    """Copy the output until it ends; return the last line of what was said on standard error.

    Raises TimeoutExpired, _OutputTooLargeError.
    """
    complaint, size = b"", 0
    with selectors.DefaultSelector() as selector:
        for stream in (process.stdout, process.stderr):
            selector.register(stream, selectors.EVENT_READ)  # type: ignore[arg-type]
        while selector.get_map():
            ready = selector.select(max(deadline - time.monotonic(), 0))
            if not ready or time.monotonic() > deadline:
                raise subprocess.TimeoutExpired(process.args, limits.seconds)
            for key, _ in ready:
                chunk = os.read(key.fd, _CHUNK_BYTES)
                if not chunk:
                    selector.unregister(key.fileobj)
                elif key.fileobj is process.stderr:
                    complaint = (complaint + chunk)[-_COMPLAINT_BYTES:]
                else:
                    size += len(chunk)
                    if size > limits.output_bytes:
                        raise _OutputTooLargeError
                    with spooling():
                        output.write(chunk)
    return "".join(complaint.decode(errors="replace").splitlines()[-1:])


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
