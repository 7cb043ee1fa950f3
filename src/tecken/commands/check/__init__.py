# This Source Code Form is subject to the terms of the Mozilla Public
# License, v. 2.0. If a copy of the MPL was not distributed with this
# file, You can obtain one at https://mozilla.org/MPL/2.0/.

"""``tecken check``: everything that is wrong with the settings, at once."""

import logging
import sys
import warnings
from collections import Counter
from collections.abc import Iterator, Sequence

import click

from tecken.commands.check.findings import Finding, error
from tecken.commands.django import setup_django
from tecken.env import SettingError


@click.command()
@click.option("--quiet", is_flag=True, help="Leave out what is right.")
def command(quiet: bool) -> None:
    """Look at all settings, and at what they lead to: database, caches, buckets, disk, workers.

    Prints a line for each: what is right, what is wrong and what to set. Exits with 1 when there is
    an error, as when no worker runs background tasks, or some have failed; warnings do not count. It writes a small object into each bucket that takes uploads,
    and deletes it.

    \b
    Example:
      tecken check
      docker compose run --rm web check
    """
    logging.disable()  # what would be logged is found and said here
    # Where the applications refuse to start, the database is looked at all the same.
    warnings.filterwarnings("ignore", "Accessing the database during app initialization")
    problems = _start()
    findings = list(dict.fromkeys(_findings(problems)))
    for finding in findings:
        if finding.level != "ok" or not quiet:
            click.echo(finding)
    levels = Counter(finding.level for finding in findings)
    click.echo(f"{_count(levels['error'], 'error')}, {_count(levels['warning'], 'warning')}")
    sys.exit(1 if levels["error"] else 0)


def _start() -> Sequence[SettingError]:
    """Start Django; return what it refuses to start with."""
    try:
        setup_django()
    except SettingError as refusal:
        return refusal.problems
    return ()


def _findings(problems: Sequence[SettingError]) -> Iterator[Finding]:
    from django.conf import settings

    for problem in problems:
        yield error(problem.name, problem.reason)
    if not settings.configured:
        return  # the .env cannot be read, so nothing is known
    # These need the settings, wrong as some may be: each looks at those that are right.
    from tecken.commands.check.buckets import check_buckets
    from tecken.commands.check.caches import check_caches
    from tecken.commands.check.database import check_database
    from tecken.commands.check.installation import check_django, check_installation
    from tecken.commands.check.tasks import check_tasks

    yield from check_installation()
    if not problems:
        yield from check_django()
    yield from check_database()
    if not problems:  # else the applications have not been started
        yield from check_tasks()
    yield from check_caches()
    yield from check_buckets()


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
