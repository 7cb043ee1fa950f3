# SPDX-License-Identifier: MPL-2.0

"""``tecken tasks``: lists background tasks, runs them again, and drops them."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from tecken.client.terminal import printable
from tecken.commands.django import with_database

if TYPE_CHECKING:
    from tecken.jobs.models import Runner, Task
    from tecken.jobs.operating import Operated

_STATES = ("waiting", "running", "failed", "done")
_OF_RUNNER = ("kind", "host", "pid", "started_at", "seen_at")
_OF_TASK = (
    *(
        "id",
        "state",
        "name",
        "arguments",
        "since",
        "attempt",
        "max_attempts",
        "error",
        "request_id",
    ),
    *("created_at", "run_after", "started_at", "finished_at"),
)
_IDS = click.argument("ids", metavar="[ID]...", nargs=-1, type=click.IntRange(1, 2**63 - 1))


@click.group(invoke_without_command=True)
@click.option(
    "--state",
    type=click.Choice(_STATES),
    multiple=True,
    help="Only those in this state; may be repeated. [default: all but done]",
)
@click.option(
    "--limit", type=click.IntRange(min=1), default=100, show_default=True, help="How many, at most."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON, with all that is known of each.")
@click.pass_context
def command(context: click.Context, state: Sequence[str], limit: int, as_json: bool) -> None:
    """List background tasks, the newest first: state, name, arguments, since when, attempts, error.

    What is wrong with them stands above, as `tecken check` and the heartbeat say it.

    \b
    Example:
      tecken tasks --state failed
      tecken tasks retry --failed
      tecken tasks drop 17 18
    """
    if context.invoked_subcommand is None:
        _list(state or _STATES[:-1], limit, as_json)
    elif state or as_json:
        raise click.UsageError("--state and --json are for the list")


@command.command("retry")
@_IDS
@click.option("--failed", is_flag=True, help="All that have failed.")
@with_database
def retry_command(ids: Sequence[int], failed: bool) -> None:
    """Run tasks that have failed again, and those that wait for their next attempt at once.

    Exits with 1 when one of them could not be.

    \b
    Example:
      tecken tasks retry 17
    """
    from tecken.accounts.audit import Action
    from tecken.jobs.operating import retry

    _operate(retry, Action.TASKS_RETRIED, "will be run again", ids, "failed" if failed else None)


@command.command("drop")
@_IDS
@click.option("--failed", "state", flag_value="failed", help="All that have failed.")
@click.option("--waiting", "state", flag_value="waiting", help="All that wait: their work is lost.")
@with_database
def drop_command(ids: Sequence[int], state: str | None) -> None:
    """Delete tasks for good, and say which. What they were for is not done.

    One that is running is left as it is. Exits with 1 when one of them could not be dropped.

    \b
    Example:
      tecken tasks drop --failed
    """
    from tecken.accounts.audit import Action
    from tecken.jobs.operating import drop

    _operate(drop, Action.TASKS_DROPPED, "dropped", ids, state)


def _operate(operate: Any, action: Any, done: str, ids: Sequence[int], state: str | None) -> None:
    from django.db import transaction

    from tecken.accounts.audit import COMMAND_LINE, record_tasks
    from tecken.jobs.operating import ids_in

    if bool(ids) == (state is not None):
        raise click.UsageError("Name tasks by their IDs, or say which by an option.")
    with transaction.atomic():
        operated: Operated = operate(ids or ids_in(state or ""))
        record_tasks(action, operated.rows, by=COMMAND_LINE)
    for row in operated.rows:
        click.echo(f"{row.pk} {done}: {_call(row)}")
    if not operated.rows and not operated.refused:
        click.echo(f"No task is {state}.")
    for pk, reason in operated.refused.items():
        click.echo(f"Error: {pk}: {reason}", err=True)
    if operated.refused:
        raise click.exceptions.Exit(1)


@with_database
def _list(states: Sequence[str], limit: int, as_json: bool) -> None:
    from tecken.jobs.models import Task
    from tecken.jobs.runners import live_runners
    from tecken.jobs.watching import task_problems

    rows = list(Task.objects.filter(state__in=states).order_by("-pk")[: limit + 1])
    more, rows = len(rows) > limit, rows[:limit]
    problems, runners = [problem.text for problem in task_problems()], live_runners()
    if as_json:
        content = {
            "problems": problems,
            "runners": [_as_json(runner, _OF_RUNNER) for runner in runners],
            "tasks": [_as_json(row, _OF_TASK) for row in rows],
            "has_more": more,
        }
        click.echo(json.dumps(content, indent=2, default=_time))
        return
    click.echo(_who(runners))
    for problem in problems:
        click.echo(f"! {problem}")
    for row in rows:
        click.echo(_line(row))
        if row.error:
            click.echo(f"         {printable(row.error.splitlines()[0])}")
    if not rows:
        click.echo(f"There are none ({', '.join(states)}).")
    if more:
        click.echo(f"There are more; --limit shows more than {limit}.")


def _who(runners: "Sequence[Runner]") -> str:
    workers = sum(runner.kind == "worker" for runner in runners)
    of_server = len(runners) - workers
    counts = [(workers, "worker", "workers")] if workers else []
    counts += [(of_server, "process of the server", "processes of the server")] if of_server else []
    who = " and ".join(f"{count} {one if count == 1 else many}" for count, one, many in counts)
    return f"Run by {who}." if who else "Nobody runs tasks at present."


def _line(row: "Task") -> str:
    attempts = f"attempt {row.attempt} of {row.max_attempts or '?'}" if row.attempt else "not begun"
    return f"{row.pk:>7}  {row.state:7}  since {_time(row.since)}  {attempts:14}  {_call(row)}"


def _call(row: "Task") -> str:
    return printable(f"{row.name} {json.dumps(row.arguments, ensure_ascii=False)}")


def _as_json(row: "Task | Runner", names: Sequence[str]) -> dict[str, object]:
    """Return what a row has by these names; a text that is empty is null."""
    values = {name: getattr(row, name) for name in names}
    return {name: None if value == "" else value for name, value in values.items()}


def _time(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"
