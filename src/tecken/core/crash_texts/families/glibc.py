# SPDX-License-Identifier: MPL-2.0

"""glibc's ``backtrace_symbols``, bare or numbered as Ceph and others print it.

Layout: glibc 2.41 debug/backtracesyms.c: ``FILE(FUNCTION+0xOFFSET) [0xADDRESS]``; without a function the offset
is in the module, with one in the function; a program that is no PIE has neither: ``FILE() [0xADDRESS]``. Where a
module lies is known from a line of it with ``(+0x…)``.

Returns: all -1. The first address, too, is a return address: that of the call in the handler.
"""

import re

from tecken.core.crash_texts.model import Frame, Returns
from tecken.core.crash_texts.scan import Family, Scan, context_of

_TITLE = (
    r"(?P<title>\*\*\* .*(?:[Ss]ignal|detected|abort|smash|SIG).*|terminate called.*"
    r"|(?:Caught|Received|Fatal) [Ss]ignal.*|Segmentation fault.*|Assertion .* failed.*)"
)


def complete_function(frame: Frame, match: re.Match[str], scan: Scan) -> None:
    """Take the function, and the offset in it, of a frame that has both."""
    if function_offset := match["function_offset"]:
        frame.function_offset = int(function_offset, 16)
    frame.function = match["function"] or None


def _complete(frame: Frame, match: re.Match[str], scan: Scan) -> None:
    function, _, offset = (match["inside"] or "").rpartition("+0x")
    frame.function = function or None
    if _HEX.match(offset):
        if function:
            frame.function_offset = int(offset, 16)
        else:
            frame.offset = int(offset, 16)


def _is_frame(match: re.Match[str], scan: Scan) -> bool:
    inside, module = match["inside"], match["module"]
    if inside is None:
        return scan.is_near(GLIBC, scan.at) and (module is None or "/" in module)
    offset = inside.rpartition("+0x")[2]
    return (inside == "" and module is not None) or (
        "+0x" in inside and _HEX.match(offset) is not None
    )


_HEX = re.compile(r"[0-9a-f]{1,16}\Z")
GLIBC = Family(
    format="glibc-backtrace",
    hints=("[0x",),
    frame=re.compile(
        r"\s*(?:#?(?P<number>\d{1,6})[:.]? +)?(?P<module>/?[^\s()\[\]]+(?: [^\s()\[\]]+)*)?"
        r"(?:\((?P<inside>.*?)\))? ?\[0x(?P<address>[0-9a-f]{1,16})\](?: (?P<slot>\S.*))?$"
    ),
    damaged=re.compile(r"\s*(?:#?\d{1,6}[:.]? +)?/?[^\s()]+\(.*\[0x|\s*(?:#?\d{1,6}[:.]? +)?\[0x"),
    returns=Returns.ALL,
    context=context_of(_TITLE),
    accept=_is_frame,
    complete=_complete,
    example=" 2: /usr/bin/radosgw(+0xa3782b) [0x55f8b9b3782b]",
)
