# SPDX-License-Identifier: MPL-2.0

r"""lldb: ``bt`` and ``bt all``, with ``image list``.

Layout: lldb's default frame-format, and what 19.1.7 prints on a core: ``frame #N: 0xADDRESS
MODULE`FUNCTION + DECIMAL at FILE:LINE:COLUMN``. A frame ``[inlined]`` shares its physical frame with the one below, whose address is
then not the return address: both are looked up by the address of the first.

Returns: callers -1.
"""

import re

from tecken.core.crash_texts.model import Frame, Returns
from tecken.core.crash_texts.scan import Context, Family, Scan

_THREAD = re.compile(
    r"\s*(?P<current>\* )?thread #(?P<number>\d+)(?:: tid = [^,]+)?(?:, name = '(?P<name>[^']*)')?"
)
_REASON = re.compile(r"stop reason = (?:signal|EXC_|hit|Fatal).*")
_OFFSET = re.compile(r" \+ \d+$")


def _context(body: str, context: Context) -> None:
    if match := _THREAD.match(body):
        context.thread = match["name"] or match["number"]
        context.found, context.crashed = True, False
        if reason := _REASON.search(body):
            context.title, context.crashed = reason[0].strip(), True


def _complete(frame: Frame, match: re.Match[str], scan: Scan) -> None:
    if frame.function:
        frame.function = _OFFSET.sub("", frame.function)
    frames = scan.threads[-1].frames
    above = frames[-1] if frames else None
    if above and above.function and "[inlined]" in above.function:
        first = frames[-1 - above.level]
        frame.address, frame.level = first.address, above.level + 1
        for level, of_group in enumerate([*frames[-frame.level :], frame]):
            of_group.level, of_group.levels = level, frame.level + 1
        scan.after_handler = first.adjust == 0


LLDB = Family(
    format="lldb",
    hints=("frame #",),
    frame=re.compile(
        r"\s*(?:\* )?frame #(?P<number>\d{1,6}): 0x(?P<address>[0-9a-f]{1,16})"
        r"(?: (?P<module>[^`]+)`(?P<slot>\S.*))?$"
    ),
    damaged=re.compile(r"\s*(?:\* )?frame #\d{1,6}:"),
    anywhere=True,
    returns=Returns.CALLERS,
    context=_context,
    complete=_complete,
    example="    frame #1: 0x00007fead1939b31 libc.so.6`___lldb_unnamed_symbol12 + 65",
)
