# SPDX-License-Identifier: MPL-2.0

"""What ``tecken worker --port`` answers: ``/metrics`` and the health checks, from a process of its own.

It is forked before those that run tasks, and shares with them the memory in which they count. It ends
with the main process, however that ends.
"""

import multiprocessing
import signal
import socket
from typing import Any

from celery.signals import worker_process_init
from celery.utils.log import current_process_index  # type: ignore[attr-defined]  # not in its stubs

from tecken.commands.serve import bind, edge_limits
from tecken.web.metric_values import TALLIES


class BesideWorker:
    """The process, which runs as long as this object is there."""

    def __init__(self, host: str, port: int, task_processes: int) -> None:
        """Start it. Raises ClickException where somebody else has the port."""
        from tecken.edge.sockets import allow_descriptors, listen

        limits = edge_limits()
        listener = bind(host, port)
        self.port: int = listener.getsockname()[1]
        allow_descriptors(limits.max_connections)
        listen(listener)
        TALLIES.share(task_processes + 1)
        worker_process_init.connect(_take_slot)
        self._channel, theirs = socket.socketpair()
        fork = multiprocessing.get_context("fork")
        arguments = (listener, self._channel, theirs, task_processes)
        fork.Process(target=_answer, args=arguments, daemon=True).start()
        theirs.close()
        listener.close()


def _take_slot(**_details: Any) -> None:
    """Be a process that runs tasks: of several, or of one after the other, each has its number."""
    TALLIES.take(current_process_index(base=0))


def _answer(listener: socket.socket, ours: socket.socket, theirs: socket.socket, slot: int) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal sends it to all; we are told
    ours.close()
    TALLIES.take(slot)

    from tecken.edge.worker import Worker
    from tecken.wsgi import application

    Worker(listener, theirs, application, edge_limits()).run()
