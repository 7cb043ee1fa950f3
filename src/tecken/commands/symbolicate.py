# This Source Code Form is subject to the terms of the Mozilla Public
# License, v. 2.0. If a copy of the MPL was not distributed with this
# file, You can obtain one at https://mozilla.org/MPL/2.0/.

"""``tecken symbolicate``: from modules and offsets to a stack that can be read."""

import sys
from pathlib import Path
from typing import BinaryIO

import click

from tecken.client.server import Server
from tecken.client.stack import Job, StackLine, read_answer, stack_lines
from tecken.client.symbolicate import build_request, symbolicate
from tecken.client.terminal import printable
from tecken.commands.options import note, server_options


@click.command()
@click.argument("file", required=False, type=click.File("rb"))
@click.option(
    "--module",
    "modules",
    multiple=True,
    metavar="NAME/ID",
    help="A module: <debug file>/<debug id>.",
)
@click.option(
    "--offset",
    "offsets",
    multiple=True,
    metavar="[INDEX:]0x…",
    help="An offset in the module; with several modules, in the one with this index (from 0).",
)
@click.option("--json", "as_json", is_flag=True, help="Print the answer as it is.")
@click.option(
    "--symbols",
    "folder",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="Use the symbol files in this folder; no server is asked.",
)
@server_options
def command(
    server: Server,
    file: BinaryIO | None,
    modules: tuple[str, ...],
    offsets: tuple[str, ...],
    as_json: bool,
    folder: Path | None,
) -> None:
    """Print the functions, files and lines of stacks.

    The stacks come from a v5 request in FILE or on standard input (-), or from modules and offsets
    on the command line: these are the frames of one stack. Calls that the compiler inlined stand
    above the frame they belong to.

    \b
    Examples:
      tecken symbolicate --module xul.pdb/44E4EC8C2F41492B9369D6B9A059577C2 \\
        --offset 0xb2e3f7 --offset 0x1010a
      tecken symbolicate --symbols obj/symbols request.json
    """
    request = _request(file, modules, offsets)
    answer = _symbolicate_offline(request, folder) if folder else symbolicate(server, request)
    if as_json:
        click.echo(answer)
        return
    jobs = read_answer(answer)
    for number, job in enumerate(jobs):
        _print_job(job, f"Job {number}, stack" if len(jobs) > 1 else "Stack")


def _request(file: BinaryIO | None, modules: tuple[str, ...], offsets: tuple[str, ...]) -> bytes:
    if modules or offsets:
        if file is not None or not (modules and offsets):
            raise click.UsageError("Give a FILE, or at least one --module and one --offset.")
        return build_request(modules, offsets)
    if file is None and sys.stdin.isatty():
        raise click.UsageError("Give a FILE, - for standard input, or --module and --offset.")
    return (file or sys.stdin.buffer).read()


def _symbolicate_offline(request: bytes, folder: Path) -> bytes:
    # Imported when it is used: who asks a server needs no symbol files.
    from tecken.commands.offline import symbolicate_offline

    return symbolicate_offline(request, folder)


def _print_job(job: Job, title: str) -> None:
    for number, stack in enumerate(job.stacks):
        if len(job.stacks) > 1 or title != "Stack":
            click.echo(f"{title} {number}")
        for line in stack_lines(stack):
            click.echo(_format(line))
    for module in job.missing_modules():
        note(f"no symbols for {module}")


def _format(line: StackLine) -> str:
    """Format ``  3  function  file:line``; an inlined call is indented and has no number."""
    number = "" if line.number is None else str(line.number)
    start = click.style(f"{number:>3}", dim=True) + "  " + ("" if number else "  ")
    location = printable(line.location)
    if line.function is None:
        return start + location
    inlined = "" if number else click.style("  (inlined)", dim=True)
    function = click.style(printable(line.function), bold=True)
    return f"{start}{function}  {click.style(location, fg='cyan')}{inlined}"
