# SPDX-License-Identifier: MPL-2.0

"""Windows' Application Error, event 1000.

Layout: the event's text: ``Faulting module name: NAME, version: …, time stamp: 0x…`` and ``Fault offset: 0x…``, on
lines of their own. The id of the module is not in it.

Returns: exact.
"""

import re

from tecken.core.crash_texts.model import Frame
from tecken.core.crash_texts.scan import Family, Scan, context_of

_MODULE = re.compile(r"\s*Faulting module name: (?P<module>[^,]+),")
_LOOK_BACK = 8


def _complete(frame: Frame, match: re.Match[str], scan: Scan) -> None:
    at = frame.line or 0
    for number in range(at - 1, max(-1, at - _LOOK_BACK), -1):
        if module := _MODULE.match(scan.body(number)):
            frame.module_name = module["module"]
            break


WINDOWS_EVENT = Family(
    format="windows-event",
    hints=("Fault offset:",),
    frame=re.compile(
        r"\s*(?P<start>)Fault offset: 0x(?P<offset>[0-9a-fA-F]{1,16})(?: (?P<slot>\S.*?))?$"
    ),
    damaged=re.compile(r"\s*Fault offset:"),
    crashes=None,
    context=context_of(r"(?P<title>Exception code: 0x[0-9a-fA-F]+)"),
    complete=_complete,
    example="Fault offset: 0x00000000000014fb",
)
