# SPDX-License-Identifier: MPL-2.0

"""The main process: it has the socket, starts the workers, and starts those again that end.

A worker says every second that its event loop runs. One that does not for long, stopped or stuck, is
killed and replaced. One that dies is replaced at once the first time, and after growing pauses when
that goes on; the others serve meanwhile.
"""

import logging
import multiprocessing
import selectors
import signal
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.context import ForkProcess

from tecken.edge.worker import DRAIN_SECONDS, LEAVE, LEAVE_SECONDS, READY

_FIRST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 1.0, 30.0
_GOOD_LIFE_SECONDS = 60.0  # who has lived for so long died of something else
_LAST_SECONDS = 10.0  # that a worker has after all its requests were given up
_POLL_SECONDS = 0.5

logger = logging.getLogger(__name__)

# Runs a worker until its end: the socket that listens, and the channel to this process.
RunWorker = Callable[[socket.socket, socket.socket], None]


@dataclass
class _Slot:
    """One of the workers, and when the next one is due where it has died."""

    number: int
    process: ForkProcess | None = None
    channel: socket.socket | None = None
    started: float = 0.0
    last_sign: float = 0.0
    deaths: int = 0
    due: float = 0.0


@dataclass
class Supervisor:
    """Runs so many workers on a socket until a signal tells it to stop."""

    listener: socket.socket
    workers: int
    run_worker: RunWorker
    silence_seconds: float  # 0: a worker may be silent for ever
    on_ready: Callable[[], None]
    # Called with the number of a worker (from 0): in its process before all else, and here at its end.
    on_start: Callable[[int], None] = lambda _number: None
    on_end: Callable[[int], None] = lambda _number: None
    _slots: list[_Slot] = field(default_factory=list)
    _selector: selectors.BaseSelector = field(default_factory=selectors.DefaultSelector)
    _told: int = 0  # how often it was told to stop
    _is_ready: bool = False

    def run(self) -> None:
        """Return when all workers have ended."""
        reader, writer = socket.socketpair()
        for end in (reader, writer):
            end.setblocking(False)
        self._selector.register(reader, selectors.EVENT_READ)
        signal.set_wakeup_fd(writer.fileno(), warn_on_full_buffer=False)
        for kind in (signal.SIGTERM, signal.SIGINT):
            signal.signal(kind, self._note_stop)
        signal.signal(signal.SIGCHLD, lambda *_: None)  # wakes this process
        self._slots = [_Slot(number) for number in range(self.workers)]
        while not self._told:
            self._start_due()
            self._listen(reader)
            self._replace_silent()
            self._note_dead()
        self._stop(reader)

    def _note_stop(self, *_: object) -> None:
        self._told += 1

    # --- life ---

    def _start_due(self) -> None:
        for slot in self._slots:
            if slot.process is None and time.monotonic() >= slot.due and not self._told:
                self._start(slot)

    def _start(self, slot: _Slot) -> None:
        ours, theirs = socket.socketpair()
        process = multiprocessing.get_context("fork").Process(
            target=self._be_worker,
            args=(slot.number, ours, theirs),
            name=f"worker-{slot.number + 1}",
        )
        process.start()
        theirs.close()
        ours.setblocking(False)
        slot.process, slot.channel = process, ours
        slot.started = slot.last_sign = time.monotonic()
        self._selector.register(ours, selectors.EVENT_READ, slot)

    def _be_worker(self, number: int, ours: socket.socket, theirs: socket.socket) -> None:
        """In the new process: let go of all that is the main process's."""
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)  # until its event loop has one
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal sends it to all; we are told
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        self._selector.close()
        ours.close()
        for slot in self._slots:
            if slot.channel is not None:
                slot.channel.close()
        self.on_start(number)
        self.run_worker(self.listener, theirs)

    def _listen(self, reader: socket.socket) -> None:
        for key, _ in self._selector.select(_POLL_SECONDS):
            if key.data is None:
                with suppress(BlockingIOError):
                    reader.recv(4096)
            else:
                self._hear(key.data)

    def _hear(self, slot: _Slot) -> None:
        message = b""
        with suppress(OSError):
            message = slot.channel.recv(4096) if slot.channel else b""
        if not message:
            self._hang_up(slot)
            return
        slot.last_sign = time.monotonic()
        if READY in message and not self._is_ready:
            self._is_ready = True
            self.on_ready()

    def _hang_up(self, slot: _Slot) -> None:
        if slot.channel is not None:
            self._selector.unregister(slot.channel)
            slot.channel.close()
            slot.channel = None

    def _replace_silent(self) -> None:
        if not self.silence_seconds:
            return
        for slot in self._slots:
            silent = time.monotonic() - slot.last_sign
            if slot.process is not None and silent > self.silence_seconds:
                logger.error("Worker %d is silent for %d s: it is killed", slot.number + 1, silent)
                slot.process.kill()
                slot.last_sign = time.monotonic()

    def _note_dead(self) -> None:
        for slot in self._slots:
            if slot.process is None or slot.process.is_alive():
                continue
            now = time.monotonic()
            slot.deaths = 1 if now - slot.started > _GOOD_LIFE_SECONDS else slot.deaths + 1
            pause = _pause(slot.deaths)
            status = slot.process.exitcode
            logger.error(
                "Worker %d ended with status %s: another starts in %g s",
                slot.number + 1,
                status,
                pause,
            )
            self._forget(slot)
            slot.due = now + pause

    def _forget(self, slot: _Slot) -> None:
        self._hang_up(slot)
        if slot.process is not None:
            slot.process.join()
            slot.process.close()
            slot.process = None
            self.on_end(slot.number)

    # --- the end ---

    def _stop(self, reader: socket.socket) -> None:
        """Tell the workers to leave; kill those that have not when all requests are given up."""
        self.listener.close()
        for slot in self._slots:
            if slot.channel is not None:
                with suppress(OSError):
                    slot.channel.send(LEAVE)
        deadline = time.monotonic() + LEAVE_SECONDS + DRAIN_SECONDS + _LAST_SECONDS
        told = self._told
        while any(slot.process is not None for slot in self._slots):
            self._listen(reader)
            for slot in self._slots:
                if slot.process is None:
                    continue
                if not slot.process.is_alive():
                    self._forget(slot)
                elif time.monotonic() > deadline or self._told > told:
                    slot.process.kill()  # it does not end, or somebody is in a hurry


def _pause(deaths: int) -> float:
    """Return after how many seconds a worker is started that has died so often in a row."""
    if deaths < 2:
        return 0.0
    return min(_LONGEST_PAUSE_SECONDS, _FIRST_PAUSE_SECONDS * 2.0 ** (deaths - 2))
