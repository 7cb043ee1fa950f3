# This Source Code Form is subject to the terms of the Mozilla Public
# License, v. 2.0. If a copy of the MPL was not distributed with this
# file, You can obtain one at https://mozilla.org/MPL/2.0/.

"""The Celery application, which ``tecken worker`` runs.

Its messages say which row of ``tecken.jobs`` to look at, or that it is time to look at all.
"""

import os
from typing import Any

from celery import Celery, bootsteps
from celery.signals import setup_logging

from tecken.web.worker_sign import SIGN_SECONDS, leave_sign, take_back_sign

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tecken.settings")

app = Celery("tecken")
app.config_from_object("django.conf:settings", namespace="CELERY")

TICK_SECONDS = 5.0


@setup_logging.connect
def _keep_our_logging(**_details: Any) -> None:
    """Being connected, this keeps Celery from setting up log lines of its own form."""


@app.task(name="tecken.run_row")
def run_row(pk: int) -> None:
    """Run a row."""
    from tecken.jobs.celery_queue import run_row

    run_row(pk)


@app.task(name="tecken.tick")
def tick() -> None:
    """Add the periodic tasks whose turn it is, and send what has to be sent (again)."""
    from tecken.jobs.celery_queue import announce_due
    from tecken.jobs.schedule import add_periodic_rows

    add_periodic_rows()
    announce_due()


class Ticker(bootsteps.StartStopStep):
    """Sends a tick every few seconds: the scheduler of this worker, one among equals.

    Celery's own would be a further process, which goes on alone when its worker is killed.
    """

    requires = ("celery.worker.components:Timer",)

    def start(self, parent: Any) -> None:
        """Send a tick at once, and then by the worker's timer."""
        from tecken.jobs.celery_queue import send_tick

        send_tick()
        parent.timer.call_repeatedly(TICK_SECONDS, send_tick)


class SignOfLifeStep(bootsteps.StartStopStep):
    """Lets the database know that this worker is alive, from when its processes have been forked.

    The worker's timer does it, so a worker that hangs, or looks for its broker, does not seem alive.
    """

    requires = ("celery.worker.components:Timer", "celery.worker.components:Pool")

    def start(self, parent: Any) -> None:
        """Leave a sign at once, and then by the worker's timer."""
        from tecken.jobs.runners import WorkerSign, sign_seconds

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
        from django.conf import settings

        leave_sign(settings.DATA_DIR)
        parent.timer.call_repeatedly(SIGN_SECONDS, leave_sign, (settings.DATA_DIR,))

    def stop(self, parent: Any) -> None:
        """Take it back."""
        from django.conf import settings

        take_back_sign(settings.DATA_DIR)

    terminate = stop


app.steps["worker"].update([Ticker, SignOfLifeStep, LocalSign])
