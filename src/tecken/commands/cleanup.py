# SPDX-License-Identifier: MPL-2.0

"""``tecken cleanup``: removes what is too old, as the server does by itself once a day."""

from typing import TYPE_CHECKING

import click

from tecken.commands.django import with_database
from tecken.core.errors import TeckenError

if TYPE_CHECKING:
    from tecken.jobs.cleaning import Cleaning


@click.command()
@click.option("--dry-run", is_flag=True, help="Only count what would be removed.")
@with_database
def command(dry_run: bool) -> None:
    """Remove symbols, rows, sessions and leftovers that are too old.

    The server does the same by itself, most of it once a day. DJANGO_TRY_SYMBOLS_RETENTION_DAYS,
    DJANGO_SYMBOLS_RETENTION_DAYS and their like say how old is too old; regular symbols are kept for ever
    unless those say otherwise. Exits with 1 when something could not be looked at.

    \b
    Example:
      tecken cleanup --dry-run
    """
    from tecken.jobs.cleaning import cleanings

    done = [_clean(cleaning, dry_run=dry_run) for cleaning in cleanings()]
    if not all(done):
        raise click.exceptions.Exit(1)


def _clean(cleaning: "Cleaning", *, dry_run: bool) -> bool:
    """Remove one kind and say how many; a bucket that is down does not keep the others."""
    try:
        count = cleaning.remove(dry_run=True) if dry_run else cleaning.clean()
    except TeckenError as error:
        click.echo(f"{cleaning.kind}: {error}", err=True)
        return False
    if count is None:
        click.echo(f"{cleaning.kind}: cannot be counted without removing them")
    else:
        click.echo(f"{cleaning.kind}: {count} {'to remove' if dry_run else 'removed'}")
    return True
