# SPDX-License-Identifier: MPL-2.0

"""Rust: what a panic prints with ``RUST_BACKTRACE``.

Layout: library/std/src/backtrace and rustc 1.95.0's print: ``N: 0xADDRESS - FUNCTION`` with ``full``, ``N: FUNCTION``
with ``1``; ``at FILE:LINE:COLUMN`` on a line of its own. Modules are not named: they are known by their bases.

Returns: all -1.
"""

import re

from tecken.core.crash_texts.lines import MAX_LINE, Line
from tecken.core.crash_texts.model import Frame, Returns
from tecken.core.crash_texts.scan import Context, Family, Scan

_PANIC = re.compile(r"(?:thread '(?P<thread>.*?)' .*?)?(?P<title>panicked at .*)")
_AT = re.compile(r"\s+at \S[^\n]{0,4000}:\d+")


def _context(body: str, context: Context) -> None:
    if "panicked at" in body and (match := _PANIC.search(body)):
        context.title, context.thread = match["title"].strip().removesuffix(":"), match["thread"]
        context.found = context.crash = True


def _complete(frame: Frame, match: re.Match[str], scan: Scan) -> None:
    following = (frame.line or 0) < len(scan.lines) and scan.lines[frame.line or 0]
    frame.located = frame.located or bool(following and _AT.match(following))


def _is_frame(match: re.Match[str], scan: Scan) -> bool:
    """The end of a stack is printed as address 0."""
    return match["address"].strip("0") != ""


_SHORT = re.compile(r"\s*\d{1,6}: (?!\s*0x)(?P<function>\S.*)$")


class _Rust(Family):
    """Frames of a short stack have no address: only the line above all of them tells what they are."""

    def read(self, line: Line, scan: Scan) -> bool:
        """Take in a frame, or all frames of a short stack."""
        if "stack backtrace:" not in line.body:
            return super().read(line, scan)
        number, frames = line.number + 1, list[Frame]()
        while number < len(scan.lines):
            text = scan.lines[number][line.start :]
            if len(text) <= MAX_LINE and (match := _SHORT.match(text)):
                frames.append(Frame(number + 1, function=match["function"].rstrip(), located=True))
            elif _AT.match(text) is None:
                break
            number += 1
        if frames:
            scan.take(self, line, frames, number)
        return bool(frames)


RUST = _Rust(
    format="rust",
    hints=(" - ", "stack backtrace:"),
    frame=re.compile(r"\s*(?P<number>\d{1,6}): +0x(?P<address>[0-9a-f]{1,16}) - (?P<slot>\S.*?)$"),
    damaged=re.compile(r"\s*\d{1,6}: +0x(?!0 )\S* -"),
    returns=Returns.ALL,
    crashes=None,
    context=_context,
    complete=_complete,
    accept=_is_frame,
    example="   1:     0x5587bd622bd1 - <unknown>",
)
