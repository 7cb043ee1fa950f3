# SPDX-License-Identifier: MPL-2.0

"""What is to be done in the background, and how it went."""

from datetime import datetime
from typing import ClassVar

from django.db import models
from django.utils import timezone

from tecken.jobs.registry import UnknownTaskError, find_task
from tecken.web.request_ids import MAX_LENGTH


class Task(models.Model):
    """One call of a background task.

    Until ``held_until`` somebody takes care of the row: a message to the workers is on its way, or,
    in the state ``running``, a runner is at work and goes on moving that time. When it has passed,
    that somebody is gone. ``attempts`` tells apart the runners that had the row one after another, so it
    never goes back: those that count are the ones after ``attempts_before``, when somebody asked for a
    row that had failed to be run again.
    """

    class State(models.TextChoices):
        WAITING = "waiting"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"

    name = models.CharField(max_length=100)
    arguments = models.JSONField(default=dict)
    slot = models.CharField(
        max_length=150,
        unique=True,
        null=True,
        blank=True,
        help_text="which turn of a periodic task this is; no turn is added twice",
    )
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveIntegerField(default=0)
    attempts_before = models.PositiveIntegerField(default=0, db_default=0)
    run_after = models.DateTimeField(default=timezone.now)
    held_until = models.DateTimeField(null=True)
    request_id = models.CharField(
        max_length=MAX_LENGTH,
        blank=True,
        default="",
        db_default="",  # nodes of the release before this field add rows, too
        help_text="of the request that added it, for logs",
    )
    error = models.TextField(blank=True, default="", help_text="of the last attempt")
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()
        indexes: ClassVar = [
            models.Index(fields=["state", "run_after"], name="task_state_run_after"),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.pk})"

    @property
    def attempt(self) -> int:
        """The number of the attempt under way, or of the last one; 0 before the first."""
        return self.attempts - self.attempts_before

    @property
    def since(self) -> datetime:
        """When it came into its state."""
        began = self.started_at if self.state == self.State.RUNNING else None
        return self.finished_at or began or self.created_at

    @property
    def max_attempts(self) -> int | None:
        """How often it is attempted; None for a task that this release does not have."""
        try:
            return find_task(self.name).max_attempts
        except UnknownTaskError:
            return None


class Runner(models.Model):
    """A process that runs tasks: a worker, or a process of the server where that runs them itself.

    It moves ``seen_at``, by the clock of the database, as long as it lives.
    """

    class Kind(models.TextChoices):
        WORKER = "worker"
        SERVER = "server"

    key = models.CharField(max_length=32, unique=True, help_text="random, made at its start")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    host = models.CharField(max_length=255)
    pid = models.PositiveIntegerField()
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.kind} {self.pid} on {self.host}"
