# SPDX-License-Identifier: MPL-2.0

"""Apple's ``sample`` and Activity Monitor: a call tree for each thread, the outermost call first.

Layout: the fixtures of inket/MacSymbolicator: ``COUNT FUNCTION  (in MODULE)  load address 0xBASE + 0xOFFSET  [0xADDRESS]``,
indented by depth with ``+ ! : |``. The totals below ``Sort by top of stack`` are no frames.

Returns: callers -1; the deepest line of each branch is exact.
"""

import re

from tecken.core.crash_texts.model import Frame, Module, Returns
from tecken.core.crash_texts.scan import OURS, Family, Scan, context_of

_DEPTH = re.compile(r"[\s+!:|]*(?=\d+ )")


def _complete(frame: Frame, match: re.Match[str], scan: Scan) -> None:
    if match["base"]:
        scan.images.add(Module(match["module"], match["module"], base=int(match["base"], 16)))


def _is_deepest(frame: Frame, scan: Scan) -> bool:
    at = frame.line or 0
    while at < len(scan.lines) and scan.body(at).lstrip().startswith(OURS):
        at += 1
    if at >= len(scan.lines):
        return True
    own, next_one = _DEPTH.match(scan.body((frame.line or 0) - 1)), _DEPTH.match(scan.body(at))
    return next_one is None or own is None or next_one.end() <= own.end()


SAMPLE = Family(
    format="apple-sample",
    hints=("(in ",),
    also="0x",
    frame=re.compile(
        r"[\s+!:|]*\d+ (?P<slot>\S.*?)  \(in (?P<module>[^()]+)\)(?:  load address 0x(?P<base>[0-9a-f]{1,16}))?"
        r"(?: \+ (?:0x)?(?P<distance>[0-9a-f]+))?  \[0x(?P<address>[0-9a-f]{1,16})[^\]]*\](?P<after>.*)$"
    ),
    damaged=re.compile(r"[\s+!:|]*\d+ \S.*?  \(in "),
    returns=Returns.CALLERS,
    crashes=False,
    context=context_of(
        r"^(?P<title>Analysis of sampling .*)",
        r"^[\s+!:|]*\d+ Thread_\w+(?:: |  +DispatchQueue_\w+: )?(?P<thread>\S.*?)?(?:  \(\w+\))?$",
    ),
    complete=_complete,
    is_exact=_is_deepest,
    outermost_first=True,
    example="    +   2988 ???  (in libc.so.6)  load address 0x104aec000 + 0xc4fe2  [0x104bb0fe2]",
)
