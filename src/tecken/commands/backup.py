# SPDX-License-Identifier: MPL-2.0

"""``tecken backup``: all that a single machine keeps, while its server runs."""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from tecken.core.backups.writing import Written


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--keep",
    type=click.IntRange(min=1),
    metavar="N",
    help="Delete older backups in DIR, so that N are left. [default: all are kept]",
)
def command(folder: Path, keep: int | None) -> None:
    """Make a backup in DIR, in a folder that is named by the time; the server may run.

    It has the database, the secret key that the data folder keeps, and the folders of symbols. Files
    are linked where DIR is on their disk, else from the backup before, and copied for the rest, so a
    second one is quick. With PostgreSQL or S3 it names the tools to use, and ends with exit code 2.

    \b
    Example:
      tecken backup /var/backups/tecken --keep 14
    """
    from importlib.metadata import version

    from tecken.commands.django import setup_django
    from tecken.commands.saved_paths import only_read, saved_paths
    from tecken.core.backups.manifest import backups_in
    from tecken.core.backups.writing import remove_unfinished, write_backup
    from tecken.web.data_dir import data_in_use

    setup_django()
    paths = saved_paths()
    folder = folder.absolute()
    if any(folder.is_relative_to(bucket) for bucket in paths.buckets):
        raise click.ClickException(f"{folder} is in a bucket that it would save")
    with data_in_use(paths.data_dir), _alone(folder):
        remove_unfinished(folder)
        _tell(write_backup(folder, paths, version("tecken")))
        for path in backups_in(folder)[: -keep if keep else 0]:
            shutil.rmtree(path)
            click.echo(f"Deleted {path}")
    if not _keeps_key(paths.files["secret_key"]):
        click.echo("Not in it: the secret key, which is a setting (DJANGO_SECRET_KEY)")
    for url in only_read():
        click.echo(f"Not in it: {url}, where no upload goes")


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Be the only one who makes backups in a folder."""
    folder.mkdir(0o700, parents=True, exist_ok=True)
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise click.ClickException(f"another backup is being made in {folder}") from None
    finally:
        os.close(descriptor)


def _keeps_key(path: Path) -> bool:
    """Say whether the secret key is the one that the data folder keeps."""
    from django.conf import settings

    try:
        return path.read_text(encoding="ascii") == settings.SECRET_KEY
    except FileNotFoundError:
        return False


def _tell(written: "Written") -> None:
    from tecken.client.terminal import human_size

    database = sum(saved.size for saved in written.manifest.files)
    click.echo(f"Wrote {written.path}")
    click.echo(f"  the database, and what belongs to it: {human_size(database)}")
    for bucket in written.manifest.buckets:
        click.echo(f"  {bucket.location}: {bucket.objects} files, {human_size(bucket.size)}")
    click.echo(f"  {written.copied} files were copied, the others are linked")
    if written.left_out:
        click.echo(f"  {written.left_out} files were left out: no object can have such a name")
