# SPDX-License-Identifier: MPL-2.0

"""``tecken make-a-zip``: from a server's symbols to a zip that can be uploaded to another."""

import tempfile
from pathlib import Path

import click

from tecken.client.download import Wanted, appears_whole, download, parse_wanted
from tecken.client.layout import Member, write_zip
from tecken.client.server import Server
from tecken.client.terminal import human_size
from tecken.commands.options import progress_bar, server_options


@click.command()
@click.argument("symbols", nargs=-1, required=True, metavar="SYMBOL...")
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("symbols.zip"),
    show_default=True,
    help="The zip to write.",
)
@click.option(
    "--try", "try_symbols", is_flag=True, help="Look among the symbols of try builds too."
)
@server_options
def command(server: Server, symbols: tuple[str, ...], output: Path, try_symbols: bool) -> None:
    """Download symbols and write a zip of them that can be uploaded.

    SYMBOL is <debug file>/<id>[/<file>], by default the symbol file of that debug file.

    \b
    Example:
      tecken make-a-zip --url https://symbols.example.com \\
        xul.pdb/44E4EC8C2F41492B9369D6B9A059577C2 xul.dll/5C34D92C63000/xul.dl_
    """
    # A dictionary, because a zip must not have the same file twice.
    all_wanted = {wanted.key: wanted for wanted in map(parse_wanted, symbols)}
    with tempfile.TemporaryDirectory(prefix="tecken-") as folder, appears_whole(output) as zip_path:
        members = [
            _download(server, wanted, Path(folder), try_symbols) for wanted in all_wanted.values()
        ]
        with zip_path.open("wb") as archive:
            write_zip(members, archive)
    click.echo(f"Wrote {output.absolute()}")


def _download(server: Server, wanted: Wanted, folder: Path, try_symbols: bool) -> Member:
    target = folder / str(wanted.key)
    with progress_bar(target.name) as progress:
        size = download(server, wanted, target, try_symbols=try_symbols, progress=progress)
    click.echo(f"Downloaded {size} bytes ({human_size(size)}): {wanted.key}")
    return Member(target, wanted.key, gzipped=False)
