# SPDX-License-Identifier: MPL-2.0

"""The exception that ended an app of iOS, as its report has it: addresses alone, on one line.

Layout: Apple's "Adding identifiable symbol names to a crash report": ``Last Exception Backtrace:``, and below it
``(0x1848f6d38 0x199add1d4 …)``. They lie in the images of the report. Where the same is told with a line for each
frame, it is read as all other threads are.

Returns: all -1. Of the text the line stays one: names stand behind their addresses, and inlined calls in JSON alone.
"""

import re

from tecken.core.crash_texts.families.apple import APPLE_CRASH
from tecken.core.crash_texts.lines import Line
from tecken.core.crash_texts.model import Frame, Returns, Slot
from tecken.core.crash_texts.scan import LOCATED, Family, Scan

_HEAD = "Last Exception Backtrace:"
_BETWEEN = re.compile(r" (?=0x)")
_FRAME = re.compile(r"0x(?P<address>[0-9a-f]{1,16})(?: (?P<function>\S.*))?")
_SOURCE = re.compile(r" at \S.*$")


class _Exception(Family):
    """All of the line is one stack."""

    def read(self, line: Line, scan: Scan) -> bool:
        """Take in a line that stands below the head."""
        body = line.body
        if not body.startswith("(0x") or not scan.body(line.number - 1).startswith(_HEAD):
            return False
        frames = _frames(line) if body.endswith(")") else None
        if frames is None:
            scan.refuse(self, line)
        else:
            scan.take(self, line, frames, line.number + 1)
        return True


def _frames(line: Line) -> list[Frame] | None:
    """Return the frames of a line, or None when one of them cannot be read."""
    frames = []
    at = 1
    for part in _BETWEEN.split(line.body[1:-1]):
        match = _FRAME.fullmatch(part)
        if match is None:
            return None
        frames.append(_frame(line, at, match))
        at += len(part) + 1
    return frames


def _frame(line: Line, at: int, match: re.Match[str]) -> Frame:
    function = match["function"]
    begin = line.column(at + (match.end() if function is None else match.start("function")))
    end = begin if function is None else line.column(at + match.end(), ends=True)
    return Frame(
        line.number + 1,
        address=int(match["address"], 16),
        function=_SOURCE.sub("", function) if function else None,
        slot=Slot(begin, end, " " if function is None else "", shared=True),
        adjust=1,
        located=function is not None and LOCATED.search(function) is not None,
    )


APPLE_EXCEPTION = _Exception(
    format="apple-crash",
    hints=("(0x",),
    frame=_FRAME,
    returns=Returns.ALL,
    context=APPLE_CRASH.context,
    example=f"{_HEAD}\n(0x1848f6d38 0x199add1d4 0x102a50f00)",
)
