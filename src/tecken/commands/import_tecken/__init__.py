# SPDX-License-Identifier: MPL-2.0

"""``tecken import-tecken``: the database of Mozilla's Tecken, brought here."""

import click

from tecken.commands.django import with_database


@click.command()
@click.argument("database_url")
@with_database
def command(database_url: str) -> None:
    """Bring people, groups, API tokens, uploads and files from the database of Mozilla's Tecken.

    DATABASE_URL is that of its PostgreSQL, which is only read. Everything keeps its id, and tokens go
    on working: of their keys only digests are kept here. What is here already stays as it is, so the
    same command may run again, for what has come since. Where somebody else has an id already,
    nothing is imported. The symbols themselves stay in their buckets: name these in
    DJANGO_SYMBOL_URLS.

    \b
    Example:
      tecken import-tecken postgresql://reader:secret@db.example.com/tecken
    """
    from django.db import transaction

    from tecken.commands.import_tecken.people import import_people, import_tokens
    from tecken.commands.import_tecken.rows import settle_sequences
    from tecken.commands.import_tecken.source import opened
    from tecken.commands.import_tecken.uploads import import_files, import_uploads
    from tecken.upload.daily import count_day

    with opened(database_url) as source:
        with transaction.atomic():
            people = import_people(source)
            tokens = import_tokens(source, people)
        click.echo(f"People: {people.counted}")
        click.echo(f"Tokens: {tokens}")
        uploads, days = import_uploads(source, people)
        click.echo(f"Uploads: {uploads}")
        click.echo(f"Files: {import_files(source)}")
    settle_sequences()
    for day in sorted(days):
        count_day(day)
