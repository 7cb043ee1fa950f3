# SPDX-License-Identifier: MPL-2.0

"""``tecken`` with one more background task, which tests can watch and hold up.

``python watched_tasks.py serve …`` is ``tecken serve …``; ``python watched_tasks.py enqueue FOLDER
COUNT`` adds rows of that task, as a request would. Row number ``n`` writes a line into
``FOLDER/n`` when it begins, and another one when it ends, which is not before ``FOLDER/go`` exists.
``enqueue-stuck FOLDER`` adds a row of another: its first attempt writes the number of its process
into ``FOLDER/stuck``, and hangs where no interruption reaches it. ``enqueue-failing SECRET`` adds
a row of one that fails, with the secret as its argument.
"""

import os
import sys
import time
from pathlib import Path

import click

from tecken.commands.django import setup_django
from tecken.commands.main import main
from tecken.jobs.registry import background_task


@background_task("tests.watched", time_limit_seconds=300)
def watched(folder: str, number: int) -> None:
    """Begin, wait, end."""
    _write(Path(folder) / str(number), "began")
    while not (Path(folder) / "go").exists():
        time.sleep(0.01)
    _write(Path(folder) / str(number), "ended")


@background_task(
    "tests.stuck",
    time_limit_seconds=1,
    max_attempts=2,
    first_delay_seconds=0,
    kill_after_seconds=1,
)
def stuck(folder: str) -> None:
    """Hang in the operating system, for longer than any test waits, and not again."""
    noted = Path(folder) / "stuck"
    if not noted.exists():
        _write(noted, str(os.getpid()))
        time.sleep(3600)


@background_task("tests.failing", time_limit_seconds=10, max_attempts=1)
def failing(secret: str) -> None:
    """Fail, with an argument in reach."""
    raise RuntimeError("this task fails")


def _write(path: Path, line: str) -> None:
    with path.open("a") as file:
        file.write(f"{line}\n")


@click.command()
@click.argument("folder")
@click.argument("count", type=int)
def enqueue(folder: str, count: int) -> None:
    """Add rows."""
    setup_django()
    from tecken.jobs.services import enqueue

    for number in range(count):
        enqueue(watched, folder=folder, number=number)


@click.command()
@click.argument("folder")
def enqueue_stuck(folder: str) -> None:
    """Add a row that hangs."""
    setup_django()
    from tecken.jobs.services import enqueue

    enqueue(stuck, folder=folder)


@click.command()
@click.argument("secret")
def enqueue_failing(secret: str) -> None:
    """Add a row that fails, as a request with an id would."""
    setup_django()
    from tecken.jobs.services import enqueue
    from tecken.web.request_ids import for_request

    with for_request("r-18"):
        enqueue(failing, secret=secret)


if __name__ == "__main__":
    if sys.argv[1] == "enqueue":
        enqueue(sys.argv[2:])
    if sys.argv[1] == "enqueue-stuck":
        enqueue_stuck(sys.argv[2:])
    if sys.argv[1] == "enqueue-failing":
        enqueue_failing(sys.argv[2:])
    main()
