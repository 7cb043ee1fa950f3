# SPDX-License-Identifier: MPL-2.0

"""Go: a panic's goroutines.

Layout: Go's runtime/traceback.go, go 1.24.4's print: ``goroutine N [STATE]:``, then for each frame the function's line
and, after a tab, ``FILE:LINE +0xOFFSET``. There is nothing to look up: every line stays as it is. ``created by`` is no
frame.
"""

import re

from tecken.core.crash_texts.lines import Line
from tecken.core.crash_texts.model import Frame
from tecken.core.crash_texts.scan import Family, Scan, context_of

_GOROUTINE = re.compile(r"(?P<thread>goroutine \d+)(?: gp=\S+ m=\S+(?: mp=\S+)?)? \[[^\]]*\]:$")
_LOCATION = re.compile(r"\t\S.*:\d+(?: \+0x[0-9a-f]+)?")


class _Go(Family):
    """Frames of two lines, which only their goroutine's line tells from other text."""

    def read(self, line: Line, scan: Scan) -> bool:
        """Take in a goroutine with all its frames."""
        header = _GOROUTINE.match(line.body)
        if header is None:
            return False
        frames, after = _frames(line.number + 1, scan)
        if frames:
            scan.context.thread = header["thread"]
            scan.take(self, line, frames, after)
        return True


def _frames(number: int, scan: Scan) -> tuple[list[Frame], int]:
    frames = []
    while number + 1 < len(scan.lines):
        function, location = scan.body(number), scan.body(number + 1)
        if function.startswith("...additional frames"):
            number += 1
        elif function.strip() and _LOCATION.match(location):
            if not function.startswith("created by "):
                frames.append(Frame(number + 1, function=function.rstrip(), located=True))
            number += 2
        else:
            break
    return frames, number


GO = _Go(
    format="go",
    hints=("goroutine ",),
    frame=re.compile(r"(?!)"),
    context=context_of(r"^(?P<title>(?:panic|fatal error|SIG[A-Z]+): .*)"),
    example="goroutine 1 [running]:\nmain.main()\n\t/src/store/main.go:23 +0x1d5",
)
