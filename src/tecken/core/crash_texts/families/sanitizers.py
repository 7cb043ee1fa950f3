# SPDX-License-Identifier: MPL-2.0

"""The sanitizers of gcc and clang: Address, Thread, Memory, Leak and UndefinedBehavior.

Layout: compiler-rt sanitizer_stacktrace_printer.cpp, and what gcc 12.4 and clang 14 print with ``symbolize=0``: ``#N
0xADDRESS in FUNCTION (MODULE+0xOFFSET) (BuildId: ID)``. ThreadSanitizer prints no address and ``<null> <null>``.
A symbolizer's frames have a file instead of a module; inlined ones repeat the address, a line for each.

Returns: as printed. The sanitizers subtract before they print.
"""

import re
from dataclasses import replace

from tecken.core.crash_texts.model import Frame
from tecken.core.crash_texts.scan import Context, Family, Scan, context_of

_read = context_of(r"(?:ERROR|WARNING): (?P<title>\w+Sanitizer: .*?)(?: \(pid=\d+\))?$")
_ARCHITECTURE = re.compile(r":(?:arm64e?|x86_64h?|i386|armv7[ks]?)$")  # Apple's
_SOURCE = re.compile(r" \S+:\d+(?::\d+)?$")
_RUNTIME_ERROR = re.compile(r"(?P<title>runtime error: .*)")


def _context(body: str, context: Context) -> None:
    _read(body, context)
    if match := _RUNTIME_ERROR.search(body):
        context.title, context.found, context.crashed = match["title"].strip(), True, False


def complete_levels(frame: Frame, match: re.Match[str], scan: Scan) -> None:
    """Put the lines of one physical frame together: they repeat its address under other names.

    Where the names are the same, or there are none, a function has called itself.
    """
    number = match.groupdict().get(
        "number"
    )  # each line has one of its own, where they have numbers
    if number and int(number) != scan.last_number + 1:
        return
    frames = scan.threads[-1].frames
    above = frames[-1] if frames else None
    if (
        above
        and frame.address is not None
        and above.address == frame.address
        and above.function
        and frame.function
        and above.function != frame.function
    ):
        for level, of_group in enumerate([*frames[-1 - above.level :], frame]):
            of_group.level, of_group.levels = level, above.level + 2


def _complete(frame: Frame, match: re.Match[str], scan: Scan) -> None:
    if frame.module_name:
        frame.module_name = _ARCHITECTURE.sub("", frame.module_name)
    if frame.function:
        frame.function = _SOURCE.sub("", frame.function).removesuffix(" <null>")
    if frame.module_name is None and frame.function and match["address"]:
        frame.located = True
    complete_levels(frame, match, scan)
    if (match["in"] or not match["address"]) and frame.slot:
        frame.slot = replace(frame.slot, before="")


def _is_sanitizer(match: re.Match[str], scan: Scan) -> bool:
    """Chromium's frames look alike but for a space, and gdb's without a module."""
    if match["tail"]:
        return bool(match["build_id"] or match["in"] or match["gap"] != " ")
    return bool(match["indent"] and (match["in"] or scan.family is SANITIZER) and match["slot"])


SANITIZER = Family(
    format="sanitizer",
    hints=("#",),
    also="0x",
    frame=re.compile(
        r"(?P<indent>\s*)#(?P<number>\d{1,6}) (?:0x(?P<address>[0-9a-f]{1,16})(?P<gap>  ?)(?P<in>in )?)?"
        r"(?P<slot>(?:(?!0x)[^\s(].*?)?)"
        r"(?P<tail> ?\((?:(?P<module>[^()]+)\+0x(?P<offset>[0-9a-f]{1,16})|<unknown module>)\)"
        r"(?: \(BuildId: (?P<build_id>[0-9a-fA-F]{2,128})\))?)?$"
    ),
    damaged=re.compile(r"\s*#\d{1,6} +0x\S*(?: in)? .*\([^\s()]+\+0x|\s+#\d{1,6} 0x\S*(?: |$)"),
    anywhere=True,
    context=_context,
    complete=_complete,
    accept=_is_sanitizer,
    before="in ",
    after=" ",
    example="    #1 0x7fa2391cec50  (/lib/libc.so.6+0x126c50) (BuildId: 93f70d1a8ae34f8e63c223f1500327fbd717f871)",
)
