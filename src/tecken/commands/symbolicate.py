# SPDX-License-Identifier: MPL-2.0

"""``tecken symbolicate``: from a crash's text, or modules and offsets, to stacks that can be read."""

import sys
from pathlib import Path
from typing import BinaryIO

import click
import msgspec

from tecken.client.errors import ClientError
from tecken.client.server import Server
from tecken.client.stack import read_answer
from tecken.client.symbolicate import (
    build_request,
    symbolicate,
    symbolicate_minidump,
    symbolicate_text,
)
from tecken.commands.options import server_options
from tecken.commands.printed_stacks import note_crash, print_crash, print_jobs
from tecken.core.crash_texts.answer import CrashAnswer, answer_of, read_crash_answer, write_json
from tecken.core.crash_texts.encodings import encode, encoding_of

_MINIDUMP = b"MDMP"  # begins a minidump


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
    help="The modules that the text of a crash does not name itself: see below.",
)
@click.option(
    "--guess",
    is_flag=True,
    help="Of a module that is known by its name alone, take the newest symbols that there are.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON.")
@click.option(
    "--symbols",
    "folder",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="Use the symbol files, and programs and debug files (ELF), in this folder; no server is asked.",
)
@server_options
def command(
    server: Server,
    file: BinaryIO | None,
    modules: tuple[str, ...],
    offsets: tuple[str, ...],
    modules_file: BinaryIO | None,
    guess: bool,
    as_json: bool,
    folder: Path | None,
) -> None:
    """Print the functions, files and lines of stacks.

    FILE, or standard input (-), is the text of a crash of any kind, with any log around it: of gdb, lldb,
    WinDbg, the sanitizers, Android, Apple, the kernel, coredumpctl, minidump tools, profilers and many more. It is
    printed with its frames named, and all other lines as they are. Calls that the compiler inlined are lines of
    their own. What could not be used is told on standard error.

    \b
    Examples:
      adb logcat -d | tecken symbolicate
      coredumpctl info | tecken symbolicate --guess
      tecken symbolicate --symbols obj/symbols --modules modules.txt crash.txt
      tecken symbolicate --module xul.pdb/44E4EC8C2F41492B9369D6B9A059577C2 \\
        --offset 0xb2e3f7 --offset 0x1010a

    A minidump (.dmp) is sent as it is to a server that is set up to read them.

    A FILE that is a v5 request is answered as one, and so are modules and offsets on the command line: these are the
    frames of one stack.

    MODULES has a line for each module: its debug file, its debug id (or build id) and, if known, the base address. A
    name that it has in the text, if that is another, stands in front.

    \b
      libfoo.so 1A0DF793E38A8E4F63C223F1500327FB0 0x7f12a4b00000
      xul.dll -> xul.pdb 44E4EC8C2F41492B9369D6B9A059577C2

    Or it is /proc/PID/maps, the output of lm or image list, or the memoryMap of a request, as JSON.
    """
    if modules or offsets:
        if file is not None or modules_file or not (modules and offsets):
            raise click.UsageError("Give a FILE, or at least one --module and one --offset.")
        _symbolicate_request(server, build_request(modules, offsets), folder, as_json)
        return
    text = _read(file)
    if modules_file is None and _is_request(text):
        _symbolicate_request(server, text, folder, as_json)
        return
    if text.startswith(_MINIDUMP) and (folder or modules_file):
        raise click.UsageError(
            "A minidump is read by a server alone, and names its modules itself."
        )
    given = modules_file.read() if modules_file else None
    if folder:
        written, answer = _name_offline(text, given, folder, guess, as_json)
    else:
        written, answer = _name(server, text, given, guess, as_json)
    print_crash(written)
    note_crash(answer)


def _name(
    server: Server, text: bytes, modules: bytes | None, guess: bool, as_json: bool
) -> tuple[bytes, CrashAnswer]:
    """Return what is printed, and what is told of it."""
    if text.startswith(_MINIDUMP):
        content = symbolicate_minidump(server, text, guess=guess, with_text=not as_json)
    else:
        content = symbolicate_text(server, text, modules, guess=guess, with_text=not as_json)
    answer, written = read_crash_answer(content)
    if as_json:
        return content, answer
    if written is None:
        raise ClientError("the server is older than this command: its answer has no text")
    return encode(written, encoding_of(text)), answer


def _name_offline(
    text: bytes, modules: bytes | None, folder: Path, guess: bool, as_json: bool
) -> tuple[bytes, CrashAnswer]:
    # Imported when it is used: who asks a server needs no symbol files.
    from tecken.commands.offline import name_text_offline
    from tecken.core.crash_texts.writer import write_text

    named = name_text_offline(text, modules, folder, guess=guess)
    answer = answer_of(named)
    if as_json:
        return write_json(answer), answer
    return encode(write_text(named), encoding_of(text)), answer


def _is_request(text: bytes) -> bool:
    """Say whether a text is a v5 request, which has an answer of its own."""
    if text.lstrip()[:1] != b"{":
        return False
    try:
        names = msgspec.json.decode(text, type=dict[str, msgspec.Raw])
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return False
    return "jobs" in names or ("memoryMap" in names and "stacks" in names)


def _symbolicate_request(
    server: Server, request: bytes, folder: Path | None, as_json: bool
) -> None:
    answer = _symbolicate_offline(request, folder) if folder else symbolicate(server, request)
    if as_json:
        click.echo(answer)
    else:
        print_jobs(read_answer(answer))


def _read(file: BinaryIO | None) -> bytes:
    if file is None and sys.stdin.isatty():
        raise click.UsageError("Give a FILE, - for standard input, or --module and --offset.")
    return (file or sys.stdin.buffer).read()


def _symbolicate_offline(request: bytes, folder: Path) -> bytes:
    # Imported when it is used: who asks a server needs no symbol files.
    from tecken.commands.offline import symbolicate_offline

    return symbolicate_offline(request, folder)
