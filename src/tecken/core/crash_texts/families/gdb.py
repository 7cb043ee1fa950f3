# SPDX-License-Identifier: MPL-2.0

"""gdb: ``bt`` and ``thread apply all bt``.

Layout: gdb's stack.c (print_frame) and what 16.3 prints on a process and a core: ``#N  0xADDRESS in
FUNCTION (ARGUMENTS) at FILE:LINE`` or ``... from LIBRARY``. A frame without an address is at a statement's beginning,
or inlined. Where modules lie: ``info proc mappings``; ``info sharedlibrary`` has the beginnings of ``.text``
and is of no use for that.

Returns: callers -1. The frame after ``<signal handler called>`` is exact like the top.
"""

import re

from tecken.core.crash_texts.model import Frame, Returns
from tecken.core.crash_texts.scan import LOCATED, Context, Family, Scan

_CURRENT = re.compile(
    r"\[(?:Current thread is|Switching to thread) (?P<a>\d+)\b|^Thread (?P<b>\d+) .*received signal "
)
_SIGNAL = re.compile(r"(?:received|terminated with) (?P<signal>signal SIG.*)")
_THREAD = re.compile(r"Thread (?P<thread>\d+(?:\.\d+)?) \((?:Thread|LWP|process) ")


def _context(body: str, context: Context) -> None:
    if match := _SIGNAL.search(body):
        context.title, context.found, context.crash = match["signal"].strip(), True, True
        context.current = None
    if match := _CURRENT.search(body):
        context.current = match["a"] or match["b"]
    if match := _THREAD.match(body):
        context.thread, context.found = match["thread"], True
    if context.thread is not None:
        context.crashed = context.thread == (context.current or "1")


def _complete(frame: Frame, match: re.Match[str], scan: Scan) -> None:
    before = scan.lines_before((frame.line or 1) - 1, 3, after=scan.last)
    if any("<signal handler called>" in line for line in before):
        scan.after_handler = True
    function = match["slot"].partition(" (")[0]
    frame.function = None if function == "??" else function
    frame.located = frame.located or frame.address is None


def _is_gdb(match: re.Match[str], scan: Scan) -> bool:
    """A frame without an address tells its source, or stands among others."""
    slot = match["slot"]
    if match["address"]:
        return not slot.startswith("<")
    near = scan.is_near(GDB, scan.at)
    return " (" in slot and (near or (") at " in slot and LOCATED.search(slot) is not None))


GDB = Family(
    format="gdb",
    hints=(" in ", " ("),
    also="#",
    frame=re.compile(
        r"#(?P<number>\d{1,6})\s+(?:0x(?P<address>[0-9a-f]{1,16}) in )?(?!0x)"
        r"(?P<slot>\S.*?)(?: from (?P<module>/?\S+))?$"
    ),
    damaged=re.compile(r"#\d{1,6}\s+0x\S* in |#\d{1,6}\s+0x\S*$"),
    anywhere=True,
    returns=Returns.CALLERS,
    context=_context,
    accept=_is_gdb,
    complete=_complete,
    example="#1  0x0000556f9532fe92 in ?? () from /usr/lib/libfoo.so",
)
