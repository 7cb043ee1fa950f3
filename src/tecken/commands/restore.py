# SPDX-License-Identifier: MPL-2.0

"""``tecken restore``: what ``tecken backup`` wrote, put back where it was."""

import os
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from tecken.core.backups.manifest import Manifest
    from tecken.core.backups.writing import SavedPaths


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--replace",
    is_flag=True,
    help="Where there is something already, rename it and restore the backup beside it.",
)
@click.option(
    "--quick",
    is_flag=True,
    help="Look at the sizes of the backup's symbols only; do not read them.",
)
def command(folder: Path, replace: bool, quick: bool) -> None:
    """Restore a backup, or the newest one in DIR, to where the settings say that data is.

    It looks whether the backup is whole before it touches anything, and is refused while a server or
    a worker uses the data folder, and where the server has data, unless told to replace it.

    \b
    Example:
      tecken restore /var/backups/tecken
      tecken restore /var/backups/tecken/2026-11-28T21-05-00Z --replace
    """
    os.environ["TECKEN_BEGINS_DATA"] = "true"
    from tecken.commands.django import setup_django
    from tecken.commands.saved_paths import saved_paths
    from tecken.core.backups.checking import check_backup
    from tecken.core.backups.manifest import find_backup, read_manifest
    from tecken.web.data_dir import data_to_oneself
    from tecken.web.databases import close_connections

    setup_django()
    paths = saved_paths()
    close_connections()
    backup = find_backup(folder.absolute())
    manifest = read_manifest(backup)
    with data_to_oneself(paths.data_dir):
        if not replace:
            _refuse_to_replace(manifest, paths)
        click.echo(f"Looking through {backup}")
        check_backup(backup, manifest, contents=not quick)
        _restore(backup, manifest, paths)
    click.echo(f"Restored what {manifest.version} saved at {manifest.made_at}")
    _warn_of_unknown(manifest, paths)


def _refuse_to_replace(manifest: "Manifest", paths: "SavedPaths") -> None:
    from tecken.core.backups.restoring import has_objects

    # Every command makes a secret key, so one alone is nothing to lose.
    found = [path for kind, path in paths.files.items() if kind != "secret_key" and path.exists()]
    folders = [paths.folder_of(bucket.location) for bucket in manifest.buckets]
    found += filter(has_objects, folders)
    if found:
        named = ", ".join(map(str, found))
        raise click.ClickException(f"there is data already: {named}; --replace keeps it beside")


def _restore(backup: Path, manifest: "Manifest", paths: "SavedPaths") -> None:
    from tecken.core.backups.manifest import FILE_NAMES
    from tecken.core.backups.restoring import RestoringBucket, RestoringFile

    parts: list[RestoringBucket | RestoringFile] = [
        RestoringBucket(backup, bucket, paths.folder_of(bucket.location))
        for bucket in manifest.buckets
    ]
    parts += [
        RestoringFile(backup / FILE_NAMES[saved.kind], paths.files[saved.kind])
        for saved in manifest.files
    ]
    when = f"{datetime.now(UTC):%Y-%m-%dT%H-%M-%SZ}"
    with ExitStack() as drafts:
        for part in parts:
            drafts.enter_context(part.prepared())
        for part in parts:
            for kept in part.put(when):
                click.echo(f"What was there is in {kept}")
        # What was remembered of keys is no longer so: without this file all is looked up again.
        (paths.data_dir / "generations").unlink(missing_ok=True)


def _warn_of_unknown(manifest: "Manifest", paths: "SavedPaths") -> None:
    for bucket in manifest.buckets:
        folder = paths.folder_of(bucket.location)
        if folder not in paths.buckets:
            click.echo(f"Warning: {folder} is restored, and no setting names this bucket", err=True)
