# SPDX-License-Identifier: MPL-2.0

"""What of this server is kept in files, and which tools save the rest of it."""

from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn
from urllib.parse import urlsplit

import click

from tecken.core.backups.manifest import FileKind
from tecken.core.backups.writing import SavedPaths
from tecken.core.storage.source_urls import location_of, without_query
from tecken.core.upstreams.urls import is_upstream

_OTHER_TOOLS = 2  # the exit code


def saved_paths() -> SavedPaths:
    """Return where the files of this server are, by its settings.

    Ends the command with exit code 2 and the tools to use where its rows or symbols are elsewhere.
    """
    from django.conf import settings

    from tecken.web.data_dir import KEY_FILE

    others = [*_other_database(), *_other_buckets()]
    if others:
        _name_tools(others)
    data_dir: Path = settings.DATA_DIR
    files: dict[FileKind, Path] = {
        "database": Path(settings.DATABASES["default"]["NAME"]),
        "local_provider": data_dir / "local-provider.sqlite3",
        "secret_key": data_dir / KEY_FILE,
    }
    urls = (*settings.SYMBOL_URLS, *_written_urls())
    folders = (Path(location_of(url).bucket) for url in urls if _is_folder(url))
    return SavedPaths(data_dir, files, tuple(dict.fromkeys(folders)))


def only_read() -> list[str]:
    """Return the sources of others: they are asked for symbols, and no upload goes there."""
    from django.conf import settings

    written = {location_of(url) for url in _written_urls()}
    return [
        without_query(url)
        for url in settings.SYMBOL_URLS
        if not is_upstream(url)
        if not _is_folder(url) and location_of(url) not in written
    ]


def _other_database() -> Iterator[str]:
    from django.db import connection

    if connection.vendor == "postgresql":
        yield (
            "DATABASE_URL names a PostgreSQL database: save it with "
            '`pg_dump --format=custom --file=tecken.dump "$DATABASE_URL"`, and restore it with '
            '`pg_restore --no-owner --exit-on-error --dbname="$DATABASE_URL" tecken.dump`'
        )


def _other_buckets() -> Iterator[str]:
    for url in dict.fromkeys(map(without_query, _written_urls())):
        if not _is_folder(url):
            yield (
                f"{url} is a bucket of an S3 server: save it there, by versions and replication "
                "of the bucket, or with `aws s3 sync` or `rclone sync`, which both keep metadata "
                "from one bucket to another"
            )


def _written_urls() -> tuple[str, ...]:
    from django.conf import settings

    exceptions = settings.UPLOAD_URL_EXCEPTIONS.values()
    return (settings.UPLOAD_DEFAULT_URL, settings.UPLOAD_TRY_SYMBOLS_URL, *exceptions)


def _is_folder(url: str) -> bool:
    return urlsplit(url).scheme == "file"


def _name_tools(others: list[str]) -> NoReturn:
    click.echo("Error: not everything of this server is in files of this machine:", err=True)
    for other in others:
        click.echo(f"  {other}", err=True)
    raise click.exceptions.Exit(_OTHER_TOOLS)
