# SPDX-License-Identifier: MPL-2.0

"""``tecken symbolicate``: from modules and offsets, or a crash's text, to stacks that can be read."""

import sys
from pathlib import Path
from typing import BinaryIO

import click

from tecken.client.crash_text import CrashText, read_crash_text
from tecken.client.loaded_modules import read_modules
from tecken.client.server import Server
from tecken.client.stack import read_answer
from tecken.client.symbolicate import build_crash_request, build_request, symbolicate
from tecken.commands.options import server_options
from tecken.commands.printed_stacks import note_unreadable, print_crash, print_jobs


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
@click.option(
    "--modules",
    "modules_file",
    type=click.File("rb"),
    metavar="MODULES",
    help="FILE is the text of a crash; this file has its modules: see below.",
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
    modules_file: BinaryIO | None,
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
      adb logcat -d | tecken symbolicate --modules modules.txt

    With --modules, FILE is the text of a crash. Lines of these forms are frames, N being a number;
    a module may be a path. All other lines are printed as they are.

    \b
      #01 pc 0000b2e3  libfoo.so              anything may stand before and after
      #1 0x7f12a4b0b2e3 (libfoo.so+0xb2e3)    anything may stand after
      libfoo.so + 0xb2e3                      before it may stand N or #N
      0x7f12a4b0b2e3 libfoo.so                the same; needs the base address

    MODULES has a line for each module: its debug file, debug id and, if known, base address. A
    name that it has in the text, if that is another, stands in front. Modules of frames that have
    a (BuildId: ...) need no line.

    \b
      libfoo.so 1A0DF793E38A8E4F63C223F1500327FB0 0x7f12a4b00000
      xul.dll -> xul.pdb 44E4EC8C2F41492B9369D6B9A059577C2

    Or MODULES is the memoryMap of a request, as JSON.
    """
    crash = _crash_text(file, modules_file, modules or offsets) if modules_file else None
    request = build_crash_request(crash.frames) if crash else _request(file, modules, offsets)
    answer = _symbolicate_offline(request, folder) if folder else symbolicate(server, request)
    if as_json:
        click.echo(answer)
    elif crash:
        print_crash(crash, read_answer(answer))
    else:
        print_jobs(read_answer(answer))


def _crash_text(file: BinaryIO | None, modules_file: BinaryIO, others: object) -> CrashText:
    if others:
        raise click.UsageError("With --modules, the frames are in FILE: no --module, no --offset.")
    modules = read_modules(modules_file.read())
    text = _read(file, "Give a FILE with the text of a crash, or - for standard input.")
    crash = read_crash_text(text.decode(errors="surrogateescape"), modules)
    note_unreadable(crash)
    return crash


def _request(file: BinaryIO | None, modules: tuple[str, ...], offsets: tuple[str, ...]) -> bytes:
    if modules or offsets:
        if file is not None or not (modules and offsets):
            raise click.UsageError("Give a FILE, or at least one --module and one --offset.")
        return build_request(modules, offsets)
    return _read(file, "Give a FILE, - for standard input, or --module and --offset.")


def _read(file: BinaryIO | None, usage: str) -> bytes:
    if file is None and sys.stdin.isatty():
        raise click.UsageError(usage)
    return (file or sys.stdin.buffer).read()


def _symbolicate_offline(request: bytes, folder: Path) -> bytes:
    # Imported when it is used: who asks a server needs no symbol files.
    from tecken.commands.offline import symbolicate_offline

    return symbolicate_offline(request, folder)
