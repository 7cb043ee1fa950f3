# SPDX-License-Identifier: MPL-2.0

"""``tecken download``: fetch files of a symbol store."""

from pathlib import Path

import click

from tecken.client.download import Wanted, download, parse_wanted
from tecken.client.errors import RefusedByServerError
from tecken.client.server import Server
from tecken.commands.options import note, progress_bar, server_options


@click.command()
@click.argument("keys", nargs=-1, required=True, metavar="KEY...")
@click.option(
    "--output",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(),
    help="The folder to write to.  [default: this one]",
)
@click.option(
    "--try", "try_symbols", is_flag=True, help="Look among the symbols of try builds too."
)
@server_options
def command(server: Server, keys: tuple[str, ...], folder: Path, try_symbols: bool) -> None:
    """Download symbol files.

    KEY is <debug file>/<id>[/<file>], by default the symbol file of that debug file; or a whole URL
    that ends like this. Each file is written to the output folder as <debug file>/<ID>/<file>.

    \b
    Example:
      tecken download xul.pdb/44E4EC8C2F41492B9369D6B9A059577C2 --output symbols
    """
    all_wanted = [parse_wanted(key) for key in keys]
    found = [_download(server, wanted, folder, try_symbols) for wanted in all_wanted]
    if not all(found):
        raise click.exceptions.Exit(1)


def _download(server: Server, wanted: Wanted, folder: Path, try_symbols: bool) -> bool:
    """Download one file and say so; return whether the server has it."""
    target = folder / str(wanted.key)
    try:
        with progress_bar(target.name) as progress:
            size = download(server, wanted, target, try_symbols=try_symbols, progress=progress)
    except RefusedByServerError as error:
        if error.status != 404:
            raise
        note(f"Error: {error}")
        return False
    click.echo(f"{target} {size} bytes")
    return True
