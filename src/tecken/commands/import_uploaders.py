# SPDX-License-Identifier: MPL-2.0

"""``tecken import-uploaders``: from another symbol server, without new tokens in all builds."""

from typing import BinaryIO

import click

from tecken.commands.django import with_database


@click.command()
@click.argument("file", type=click.File("rb"))
@with_database
def command(file: BinaryIO) -> None:
    """Take over people and their API tokens; the keys keep working.

    FILE (- for standard input) is JSON, tokens by email:

    \b
      {"you@example.com": [{"key": "…", "notes": "nightly builds",
                            "expires": "2027-06-29T18:46:19Z",
                            "permissions": ["upload_symbols"]}]}

    A token may be its key alone; notes, expires (else 365 days from now) and permissions (else
    upload_symbols) may be missing. Everybody gets into the group Uploaders. Tokens that are here
    already stay as they are, and when something is wrong nothing is imported.

    \b
    Example:
      tecken import-uploaders uploaders.json
    """
    from tecken.accounts.audit import COMMAND_LINE
    from tecken.accounts.tokens.imports import import_uploaders, read_uploaders

    imported = import_uploaders(read_uploaders(file.read()), by=COMMAND_LINE)
    click.echo(
        f"People: {imported.people}. New tokens: {imported.new}. "
        f"Tokens that were here: {imported.known}."
    )
