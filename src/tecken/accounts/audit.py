# SPDX-License-Identifier: MPL-2.0

"""The audit trail: who did what to whose account or uploads, and to background tasks."""

from collections import Counter
from collections.abc import Mapping, Sequence

from tecken.accounts.models import AuditEntry, User
from tecken.jobs.models import Task

Action = AuditEntry.Action

_MAX_TASKS = 50  # that an entry names; it has the count of all
COMMAND_LINE = "command line"  # who does what a command does


def record(action: Action, about: User, *, by: User | str, **details: object) -> None:
    """Write down what was done to an account: ``by`` a user, or by something that has a name.

    ``details`` are names and numbers that tell more, never a secret. Call it in the transaction of
    what it tells, so that there is neither without the other.
    """
    _write(action, about, about.email, by, details)


def record_tasks(action: Action, tasks: Sequence[Task], *, by: User | str) -> None:
    """Write down what was done to background tasks, if to any; see ``record``."""
    if tasks:
        details = {"count": len(tasks), "tasks": [str(task) for task in tasks[:_MAX_TASKS]]}
        _write(action, None, "background tasks", by, details)


def record_deletion(owner: User | None, *, by: User | str, **details: object) -> None:
    """Write down that files of an owner's uploads were taken back; see ``record``.

    Without an owner, they came from another symbol server.
    """
    name = owner.email if owner is not None else "files without an upload"
    _write(Action.SYMBOLS_DELETED, owner, name, by, details)


def _write(
    action: Action, about: User | None, name: str, by: User | str, details: Mapping[str, object]
) -> None:
    AuditEntry.objects.create(
        action=action,
        actor=by if isinstance(by, User) else None,
        actor_name=str(by),
        subject=about,
        subject_name=name,
        details=details,
    )


class RetentionRecord:
    """The one entry of a run that removes symbols by a rule: how many files of which bucket.

    It is written with the first files and grows with the others; see ``record``.
    """

    def __init__(self, rule: str) -> None:
        self._rule = rule
        self._files: Counter[str] = Counter()
        self._entry: AuditEntry | None = None

    def add(self, bucket_name: str, files: int) -> None:
        """Count some more files of a bucket."""
        self._files[bucket_name] += files
        entry = self._entry or AuditEntry(
            action=Action.SYMBOLS_DELETED, actor_name="retention", subject_name="regular symbols"
        )
        entry.details = {
            "what": self._rule,
            "files": self._files.total(),
            "buckets": dict(self._files),
        }
        entry.save()
        self._entry = entry
