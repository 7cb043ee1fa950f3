# SPDX-License-Identifier: MPL-2.0

"""``tecken check-symbols``: what files of a build are, before anything is sent."""

from pathlib import Path

import click
import msgspec

from tecken.client.checked_symbols import CheckedFile, CheckedModule, check_symbols
from tecken.client.terminal import printable
from tecken.core.identifiers import is_hex_id
from tecken.core.native.kinds import Kind, Role

_KINDS = {
    Kind.BREAKPAD: "symbol file",
    Kind.ELF: "ELF",
    Kind.PDB: "PDB",
    Kind.PE: "PE",
    Kind.MACHO: "Mach-O",
    Kind.SOURCEBUNDLE: "source bundle",
    Kind.OTHER: "other file",
}


@click.command()
@click.argument(
    "paths", nargs=-1, required=True, metavar="FILE…", type=click.Path(path_type=Path, exists=True)
)
@click.option("--json", "as_json", is_flag=True, help="Print an object for each file, a line each.")
def command(paths: tuple[Path, ...], as_json: bool) -> None:
    """Say what files are, their ids, what they have and lack, and what would be stored.

    FILE may also be a folder (or a .dSYM), a zip, or a tar (.tar.gz, .tar.zst, …). Nothing is sent, and no server
    is asked.

    \b
    Exit code: 0 all that a build left could be stored, 1 something of it could not.

    \b
    Example:
      tecken check-symbols build/app build/app.debug
    """
    is_bad = False
    for file in check_symbols(paths):
        is_bad = is_bad or (bool(file.problem) and file.kind != Kind.OTHER)
        if as_json:
            click.echo(msgspec.json.encode(file))
        else:
            for line in _lines_of(file):
                click.echo(printable(line))
    raise click.exceptions.Exit(int(is_bad))


def _lines_of(file: CheckedFile) -> list[str]:
    """Return a line for each module of a file, or one for a file of none."""
    stored = f"stored as {file.key}" if file.key else f"not stored: {file.problem}"
    is_split = file.key.endswith(f"/{Role.SPLIT}")
    start = f"{file.name}: {_KINDS[file.kind]}{' with split units' if is_split else ''}"
    if not file.modules:
        return [f"{start}; {stored}"]
    return [f"{start} {_told_of(module)}; {stored}" for module in file.modules]


def _told_of(module: CheckedModule) -> str:
    parts = [f"({module.arch})"] if module.arch else []
    parts.append(
        f"of {module.debug_file}/{module.debug_id}" if module.debug_id else "without debug id"
    )
    if module.code_id:
        parts.append(f"code id {module.code_id}")
    text = " ".join(parts)
    if module.has:
        text += f"; has {', '.join(module.has)}"
    if module.lacks:
        text += f"; lacks {', '.join(module.lacks)}"
    if "lines" in module.has and module.symbol_key:
        text += f"; gives symbols {module.symbol_key}"
        if is_hex_id(module.debug_file):
            text += (
                ", found by the id alone until its executable is there, which has the module's name"
            )
    return text
