# SPDX-License-Identifier: MPL-2.0

r"""WinDbg and cdb: ``k``, ``kb``, ``kn``, ``kP`` and the like, with ``lm``.

Layout: Microsoft's "k (Display Stack Backtrace)": ``NN CHILD-SP RETADDR MODULE!FUNCTION+0xOFFSET``, with ``kb`` and
``kv`` the arguments before ``:``; ``MODULE+0xOFFSET`` where there are no symbols. ``lm`` has where modules lie, and
the path of the PDB, in which the symbol store has the id.

Returns: callers -1.
"""

import re

from tecken.core.crash_texts.model import Frame, Returns
from tecken.core.crash_texts.scan import Context, Family, Scan

_COMMAND = re.compile(r"(?P<current>\d+):\d+(?::\w+)?> ?(?:~(?P<thread>\d+)|\.  ?(?P<other>\d+) )?")
_LISTED = re.compile(r"[.# ]\s*(?P<thread>\d+)  Id: [0-9a-f]+\.[0-9a-f]+ ")
_EXCEPTION = re.compile(
    r"(?P<title>[A-Z][\w -]+ - code [0-9a-f]{8})\b|ExceptionCode: (?P<code>[0-9a-f]{8}.*)"
)


def _context(body: str, context: Context) -> None:
    if match := _EXCEPTION.search(body):
        context.title, context.crash = match["title"] or match["code"].strip(), True
    if match := _COMMAND.match(body):
        context.thread = match["thread"] or match["other"] or match["current"]
        context.current = match["current"]
        context.found = True
    elif match := _LISTED.match(body):
        context.thread, context.found = match["thread"], True
    if context.found:
        context.crashed = None if context.thread == context.current else False


def _complete(frame: Frame, match: re.Match[str], scan: Scan) -> None:
    distance = int(match["distance"], 16) if match["distance"] else None
    frame.function = match["function"]
    if frame.function:
        frame.function_offset = distance
    else:
        frame.offset = distance


def _is_windbg(match: re.Match[str], scan: Scan) -> bool:
    """A line by itself must have its number, or a function."""
    near = scan.family is not None and scan.family.format == "windbg"
    if match["address"]:
        return near or match["number"] is not None
    return match["function"] is not None or match["distance"] is not None


_HEX = r"[0-9a-f]{8}(?:`?[0-9a-f]{8})?"

WINDBG = Family(
    format="windbg",
    number_base=16,
    hints=("+0x", "!", "`"),
    frame=re.compile(
        rf"(?:(?P<number>[0-9a-f]{{2,4}}) )?(?:{_HEX}(?: {_HEX})?|\(Inline Function\) -{{8}}`?-{{8}}|\(Inline\) -{{8}}(?:`-{{8}})?)"
        rf" +(?:: (?:{_HEX} +)+: |: |(?:{_HEX} ){{3,4}})?"
        r"(?:(?P<module>[\w.$-]+)(?:!(?P<function>[^+\[]*[^+\[ ]))?(?:\+0x(?P<distance>[0-9a-f]{1,16})"
        r"(?: (?P<slot>[^\s\[][^\[]*))?)?|0x(?P<address>"
        + _HEX
        + r"))(?(function)(?: \[[^\[\]]*\])?)$"
    ),
    damaged=re.compile(r"(?:[0-9a-f]{2,4} )?" + _HEX + r" [0-9a-fz`]{8,17} +\S"),
    returns=Returns.CALLERS,
    context=_context,
    accept=_is_windbg,
    complete=_complete,
    example="01 00000042`379e9070 00007ff6`101dabed     store+0x8a2ed",
)
