# SPDX-License-Identifier: MPL-2.0

"""Background tasks: whether somebody runs them, and how it goes."""

from collections.abc import Iterator

from django.db import DatabaseError, connection
from django.db.migrations.recorder import MigrationRecorder

from tecken.commands.check.findings import Finding, error, ok
from tecken.web.databases import close_connections

_NAME = "tasks"
_HELP = {
    "workers": "start `tecken worker`, with the settings of this server",
    "waiting": "see the log of the {runners}, and `tecken tasks`",
    "failed": "see `tecken tasks`; retry or drop them",
}


def check_tasks() -> Iterator[Finding]:
    """Look for workers, and for tasks that do not move or have failed.

    Of a database that has not been migrated nothing is said: the installation was never started.
    """
    if not connection.settings_dict["NAME"]:
        return  # its URL cannot be used, which has been said
    try:
        if _is_migrated():
            yield from _tasks()
    except DatabaseError:
        return  # which has been said
    finally:
        close_connections()


def _is_migrated() -> bool:
    applied = MigrationRecorder(connection).applied_migrations()
    return ("jobs", "0003_watched_tasks") in applied


def _tasks() -> Iterator[Finding]:
    from tecken.jobs.runners import live_runners
    from tecken.jobs.watching import needs_workers, task_problems

    runners, problems = live_runners(), task_problems()
    if not needs_workers() and not runners:
        # The server is not running, and tasks wait for that; those that failed did so before.
        problems = [problem for problem in problems if problem.kind == "failed"]
    for problem in problems:
        who = "workers" if needs_workers() else "server"
        yield error(_NAME, f"{problem.text}; {_HELP[problem.kind].format(runners=who)}")
    if problems:
        return
    if runners:
        count = len(runners)
        yield ok(
            _NAME, f"run by {count} {'process' if count == 1 else 'processes'}, none has failed"
        )
    else:
        yield ok(_NAME, "none has failed; they wait until the server is started")
