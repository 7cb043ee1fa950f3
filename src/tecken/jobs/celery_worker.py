# SPDX-License-Identifier: MPL-2.0

"""What a worker of Celery does: a message says which row to look at, or that it is time to look at all."""

from typing import Any

from celery import bootsteps
from django.conf import settings

from tecken.celery import app
from tecken.jobs import celery_queue
from tecken.jobs.runners import WorkerSign, sign_seconds
from tecken.jobs.schedule import add_periodic_rows
from tecken.web.worker_sign import SIGN_SECONDS, leave_sign, take_back_sign

_TICK_SECONDS = 5.0


@app.task(name="tecken.run_row")
def run_row(pk: int) -> None:
    """Run a row."""
    celery_queue.run_row(pk)


@app.task(name="tecken.tick")
def tick() -> None:
    """Add the periodic tasks whose turn it is, and send what has to be sent (again)."""
    add_periodic_rows()
    celery_queue.announce_due()


class Ticker(bootsteps.StartStopStep):
    """Sends a tick every few seconds: the scheduler of this worker, one among equals.

    Celery's own would be a further process, which goes on alone when its worker is killed.
    """

    requires = ("celery.worker.components:Timer",)

    def start(self, parent: Any) -> None:
        """Send a tick at once, and then by the worker's timer."""
        celery_queue.send_tick()
        parent.timer.call_repeatedly(_TICK_SECONDS, celery_queue.send_tick)


class SignOfLifeStep(bootsteps.StartStopStep):
    """Lets the database know that this worker is alive, from when its processes have been forked.

    The worker's timer does it, so a worker that hangs, or looks for its broker, does not seem alive.
    """

    requires = ("celery.worker.components:Timer", "celery.worker.components:Pool")

    def start(self, parent: Any) -> None:
        """Leave a sign at once, and then by the worker's timer."""
        self._sign = WorkerSign()
        self._sign.leave()
        parent.timer.call_repeatedly(sign_seconds(), self._sign.leave)

    def stop(self, parent: Any) -> None:
        """Take it back: this worker takes no more tasks, and ends when those under way are done."""
        self._sign.take_back()

    terminate = stop


class LocalSign(bootsteps.StartStopStep):
    """Lets the node know that this worker is alive: its health check looks for a file."""

    requires = ("celery.worker.components:Timer",)

    def start(self, parent: Any) -> None:
        """Leave a sign at once, and then by the worker's timer."""
        leave_sign(settings.DATA_DIR)
        parent.timer.call_repeatedly(SIGN_SECONDS, leave_sign, (settings.DATA_DIR,))

    def stop(self, parent: Any) -> None:
        """Take it back."""
        take_back_sign(settings.DATA_DIR)

    terminate = stop


app.steps["worker"].update([Ticker, SignOfLifeStep, LocalSign])
