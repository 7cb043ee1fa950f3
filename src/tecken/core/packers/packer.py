# SPDX-License-Identifier: MPL-2.0

"""One packer, as its server sees it."""

import pickle
import socket
import subprocess
import sys
from contextlib import suppress

from tecken.core.archives.archive import Archive
from tecken.core.archives.reading import ReadingJob, ReadMember
from tecken.core.errors import TeckenError
from tecken.core.packers import child
from tecken.core.packers.messages import Job, receive_answer, send_job
from tecken.core.tempfiles.spooling import Scratch

_END_SECONDS = 5


class PackerLostError(Exception):
    """A packer cannot be started, or ended without an answer; what it was to do can be done here."""


class Packer:
    """A process of its own that does one job at a time.

    ``is_ready`` says that it waits for the next. Whoever makes it must end it. Raises
    PackerLostError.
    """

    def __init__(self, niceness: int) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            descriptor = theirs.fileno()
            try:
                # What it inherits is a socket and the log: the server's port and files would
                # stay open with it.
                self._process = subprocess.Popen(  # noqa: S603 - the program is our own
                    [sys.executable, "-P", "-m", child.__name__, str(descriptor), str(niceness)],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    pass_fds=(descriptor,),
                )
            except OSError as error:
                ours.close()
                raise PackerLostError(f"a packer cannot be started: {error}") from error
        self._socket = ours
        self._answers = ours.makefile("rb")
        self.is_ready = True

    @property
    def pid(self) -> int:
        """The id of the process."""
        return self._process.pid

    def read(self, reading: ReadingJob, archive: Archive, scratch: Scratch) -> ReadMember:
        """Have a member read, and packed into ``scratch``. Raises as ``read_member``."""
        self.is_ready = False
        try:
            send_job(self._socket, Job.reserve(reading, scratch), archive, scratch)
            answer = receive_answer(self._answers)
        except (OSError, EOFError, pickle.UnpicklingError) as error:
            self.end()
            status = self._process.returncode
            raise PackerLostError(f"packer {self.pid} ended with status {status}") from error
        self.is_ready = True
        if isinstance(answer, TeckenError):
            raise answer
        return answer.in_scratch(scratch)

    def end(self) -> None:
        """End the process, which waits for nothing else when it is ready."""
        self._answers.close()
        self._socket.close()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(_END_SECONDS)
            return
        self._process.kill()
        self._process.wait()
