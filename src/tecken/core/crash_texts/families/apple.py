# SPDX-License-Identifier: MPL-2.0

"""Apple's ``.crash`` reports of macOS and iOS, and the stack in an exception's message.

Layout: Apple's "Examining the fields in a crash report", the fixtures of inket/MacSymbolicator and
getsentry/apple-crash-report-parser: ``N  MODULE  0xADDRESS 0xBASE + DECIMAL`` or ``FUNCTION + DECIMAL``.
``Binary Images:`` has the bases and UUIDs, which are debug ids as they stand.

Returns: callers -1. What follows ``_sigtramp`` is exact.
"""

import re

from tecken.core.crash_texts.model import Frame, Module, Returns
from tecken.core.crash_texts.scan import LOCATED, Context, Family, Scan, context_of

_read_title = context_of(r"^Exception Type: +(?P<title>.*)")
_THREAD = re.compile(
    r"(?:Thread \d+(?P<crashed> Crashed)?|(?P<last>Last Exception|Application Specific) Backtrace).*:"
)
_FUNCTION_OFFSET = re.compile(r" \+ \d+(?: \([^()]*\))?$")


def _context(body: str, context: Context) -> None:
    _read_title(body, context)
    if (match := _THREAD.match(body)) and " name:" not in body:
        context.found, context.crashed = True, match["crashed"] is not None


def _complete(frame: Frame, match: re.Match[str], scan: Scan) -> None:
    base, name = match["base"], match["module"]
    if frame.function:
        frame.located = frame.located or LOCATED.search(frame.function) is not None
        frame.function = _FUNCTION_OFFSET.sub("", frame.function)
    if base == "0" or name == "???":
        frame.module_name = frame.offset = None
    elif base is not None:
        scan.images.add(Module(name, name, base=int(base, 16)))


APPLE_CRASH = Family(
    format="apple-crash",
    hints=(" + ",),
    also="0x",
    frame=re.compile(
        r"(?P<number>\d{1,6})\s+(?P<module>\S+(?: \S+)*)\s+0x(?P<address>[0-9a-f]{1,16})"
        r"(?: (?P<base>0x[0-9a-f]{1,16}|0) \+ (?P<decimal>\d{1,20})(?: \([^()]*\))?)?"
        r"(?: (?P<function>(?!0x|0 \+|\+)\S.*? \+ \d{1,20}(?: \([^()]*\))?))?(?: (?P<slot>(?!0x|0 \+|\+)\S.*))?$"
    ),
    damaged=re.compile(r"\d{1,6}\s+\S+(?: \S+)*\s+0x\S* "),
    returns=Returns.CALLERS,
    context=_context,
    accept=lambda match, scan: bool(match["base"] or match["function"]),
    complete=_complete,
    example="1   rbd-nbd                       \t0x000000010e852754 0x10e81c000 + 223060",
)
