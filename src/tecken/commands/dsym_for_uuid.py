# SPDX-License-Identifier: MPL-2.0

"""``tecken dsym-for-uuid``: the program that LLDB and Apple's tools start to find a dSYM."""

import plistlib
from pathlib import Path

import click
from platformdirs import user_cache_path

from tecken.client.dsyms import find_dsym
from tecken.client.server import Server
from tecken.commands.options import server_options


@click.command()
@click.argument("uuids", nargs=-1, required=True, metavar="UUID...")
@click.option(
    "--cache",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=lambda: user_cache_path("tecken") / "dsyms",
    help="The folder that dSYMs are kept in.  [default: that of the user's caches]",
)
@server_options
def command(server: Server, uuids: tuple[str, ...], folder: Path) -> None:
    """Download the dSYMs of UUIDs, and print a property list of where they are.

    LLDB starts such a program with a UUID: `tecken debugger-setup lldb` prints how it is set up.

    \b
    Example:
      tecken dsym-for-uuid 497B72F6-390A-44FC-878E-5A2D63B6CC4B
    """
    found = {uuid: find_dsym(server, uuid, folder) for uuid in uuids}
    click.echo(plistlib.dumps(found).decode(), nl=False)
