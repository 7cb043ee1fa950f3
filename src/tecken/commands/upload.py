# This Source Code Form is subject to the terms of the Mozilla Public
# License, v. 2.0. If a copy of the MPL was not distributed with this
# file, You can obtain one at https://mozilla.org/MPL/2.0/.

"""``tecken upload``: send symbols to a server."""

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

import click

from tecken.client.errors import ClientError
from tecken.client.layout import Layout, lay_out, write_zip
from tecken.client.server import Server
from tecken.client.terminal import human_size, printable
from tecken.client.upload import Uploaded, upload_archive
from tecken.commands.options import note, progress_bar, server_options

MAX_LINES_OF_KEYS = 10


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--try", "try_symbols", is_flag=True, help="These are symbols of a try build.")
@click.option("--json", "as_json", is_flag=True, help="Print the server's answer, a line per zip.")
@server_options
def command(server: Server, paths: tuple[Path, ...], try_symbols: bool, as_json: bool) -> None:
    """Upload zips, symbol files, or folders of them.

    A zip is sent as it is. Other files are put into one zip: .sym files (gzip or not) where their
    MODULE line says, and .dl_, .ex_, .pd_, .dbg.gz and .tar.bz2 files that lie in <module>/<id>/.

    \b
    Example:
      tecken upload --url https://symbols.example.com obj/symbols/
    """
    if not server.has_token:
        raise ClientError("an upload needs an API token: --token or TECKEN_TOKEN")
    zips = [path for path in paths if path.suffix.lower() == ".zip" and not path.is_dir()]
    others = [path for path in paths if path not in zips]
    layout = _checked_layout(others)
    for path in zips:
        with path.open("rb") as archive:
            _upload(server, archive, path.name, try_symbols, as_json)
    if layout.members:
        # It has no name, so nothing is left behind whatever happens.
        with tempfile.TemporaryFile(suffix=".zip") as archive:
            write_zip(layout.members, archive)
            _upload(server, archive, _zip_name(others), try_symbols, as_json)


def _checked_layout(paths: Sequence[Path]) -> Layout:
    layout = lay_out(paths)
    for left_out in layout.left_out:
        note(f"left out {left_out.path}: {left_out.reason}")
    if paths and not layout.members:
        raise ClientError("there is nothing to upload: no file that belongs into a symbol store")
    return layout


def _zip_name(paths: Sequence[Path]) -> str:
    """Name the zip by the only folder or file in it, as people will look for it in the list of uploads."""
    name = paths[0].absolute().name if len(paths) == 1 else ""
    return f"{name or 'symbols'}.zip"


def _upload(server: Server, archive: BinaryIO, name: str, try_symbols: bool, as_json: bool) -> None:
    with progress_bar(name) as progress:
        uploaded = upload_archive(server, archive, name, try_symbols=try_symbols, progress=progress)
    for warning in uploaded.warnings:
        note(f"warning: {warning}")
    if as_json:
        click.echo(uploaded.answer)
    else:
        _print(uploaded, name, archive.seek(0, 2))


def _print(uploaded: Uploaded, name: str, size: int) -> None:
    click.echo(f"Uploaded {printable(name)} ({human_size(size)}) as upload {uploaded.id}")
    _print_keys("stored", uploaded.stored_keys)
    _print_keys("skipped, the server has them", uploaded.skipped_keys)
    _print_keys("ignored", uploaded.ignored_keys)
    click.echo(uploaded.link)


def _print_keys(what: str, keys: tuple[str, ...]) -> None:
    click.echo(f"  {len(keys)} {what}{':' if keys else ''}")
    for key in keys[:MAX_LINES_OF_KEYS]:
        click.echo(f"    {printable(key)}")
    if len(keys) > MAX_LINES_OF_KEYS:
        click.echo(f"    and {len(keys) - MAX_LINES_OF_KEYS} more")
