# SPDX-License-Identifier: MPL-2.0

"""``tecken check``: everything that is wrong with the settings, at once."""

import logging
import sys
import warnings
from collections import Counter
from collections.abc import Iterator, Sequence

import click
from click.core import ParameterSource

from tecken.commands.check.findings import Finding, error
from tecken.commands.check.remote import check_remote
from tecken.commands.options import DEFAULT_URL
from tecken.env import SettingError


@click.command()
@click.option("--quiet", is_flag=True, help="Leave out what is right.")
@click.option(
    "--url", envvar="TECKEN_URL", show_envvar=True, help="Look at this server, as its clients do."
)
@click.option(
    "--token", envvar="TECKEN_TOKEN", show_envvar=True, help="See whether this token may upload."
)
@click.pass_context
def command(ctx: click.Context, quiet: bool, url: str | None, token: str | None) -> None:
    """Look at all settings, and at what they lead to: database, caches, buckets, disk, workers.

    With --url, and where only the client is installed, it asks a server whether it answers and
    what the token may do.

    Prints a line for each: what is right, what is wrong and what to set. Exits with 1 when there is
    an error, as when no worker runs background tasks, or some have failed; warnings do not count. It
    writes a small object into each bucket that takes uploads, and deletes it.

    \b
    Example:
      tecken check
      docker compose run --rm web check
      tecken check --url https://symbols.example.com
    """
    from tecken.commands.main import has_server

    is_named = ctx.get_parameter_source("url") is ParameterSource.COMMANDLINE
    if is_named or not has_server():
        findings = list(check_remote(url or DEFAULT_URL, token))
    else:
        findings = _check_settings()
    for finding in findings:
        if finding.level != "ok" or not quiet:
            click.echo(finding)
    levels = Counter(finding.level for finding in findings)
    click.echo(f"{_count(levels['error'], 'error')}, {_count(levels['warning'], 'warning')}")
    sys.exit(1 if levels["error"] else 0)


def _check_settings() -> list[Finding]:
    logging.disable()  # what would be logged is found and said here
    # Where the applications refuse to start, the database is looked at all the same.
    warnings.filterwarnings("ignore", "Accessing the database during app initialization")
    return list(dict.fromkeys(_findings(_start())))


def _start() -> Sequence[SettingError]:
    """Start Django; return what it refuses to start with."""
    from tecken.commands.django import setup_django

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
    if not settings.DATA_DIR.is_dir():
        return  # to look further would make it
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
