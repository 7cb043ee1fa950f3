# SPDX-License-Identifier: MPL-2.0

"""valgrind: Memcheck, Helgrind and the other tools.

Layout: valgrind 3.24.0, coregrind m_stacktrace.c and m_errormgr.c: ``==PID==    at 0xADDRESS: FUNCTION (in MODULE)`` and
``by``; ``???`` without a function. Inlined frames repeat the address, a line for each.

Returns: as printed (``xip - 1`` there).
"""

import re

from tecken.core.crash_texts.families.sanitizers import complete_levels
from tecken.core.crash_texts.model import Frame
from tecken.core.crash_texts.scan import Context, Family, Scan

_PREFIX = re.compile(r"(?:--|==)\d+(?:--|==) ")
_TITLE = re.compile(
    r"(?P<title>[A-Z][a-z].*(?:read|write|free|jump|uninitialised|overlap|lost|race|lock|address|mismatch|signal|SIG).*)"
)


def _context(body: str, context: Context) -> None:
    prefix = _PREFIX.match(body)
    if prefix is None:
        return
    text = body[prefix.end() :]
    if text.startswith(("Memcheck,", "Helgrind,", "DRD,")):
        context.crash = True
    if match := _TITLE.match(text):
        context.title, context.found = match["title"].strip(), True
    elif text.startswith("Process terminating"):
        context.title, context.found = text.strip(), True
    elif text.startswith((" Address ", " Block was alloc")):
        context.found = True


def _complete(frame: Frame, match: re.Match[str], scan: Scan) -> None:
    frame.located = frame.located or match["file"] is not None
    complete_levels(frame, match, scan)


VALGRIND = Family(
    format="valgrind",
    hints=("  at 0x", "  by 0x"),
    frame=re.compile(
        r"(?:(?:--|==)\d+(?:--|==))\s+(?:(?P<start>at)|by) 0x(?P<address>[0-9A-Fa-f]{1,16}): (?P<slot>\S.*?)"
        r"(?: \(in (?P<module>[^()]+)\)| \((?P<file>[^()]+:\d+)\))?$"
    ),
    damaged=re.compile(r"(?:(?:--|==)\d+(?:--|==))\s+(?:at|by) 0x"),
    anywhere=True,
    context=_context,
    complete=_complete,
    example="==49871==    at 0x4892D2A: ??? (in /lib/libc.so.6)",
)
