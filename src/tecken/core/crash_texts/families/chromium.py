# SPDX-License-Identifier: MPL-2.0

"""Chromium's own stack dump on Linux.

Layout: Chromium's base/debug/stack_trace_posix.cc: ``Received signal N NAME ADDRESS``, ``#N 0xADDRESS FUNCTION
(MODULE+0xOFFSET)``, ``[end of stack trace]``.

Returns: as printed. Its versions differ in whether the offset is that of the call.
"""

import re

from tecken.core.crash_texts.scan import Family, context_of

CHROMIUM = Family(
    format="chromium",
    hints=("+0x",),
    frame=re.compile(
        r"\s*#(?P<number>\d{1,6}) 0x(?P<address>[0-9a-f]{1,16}) (?P<slot>(?:(?!in )[^\s(].*? )?)"
        r"\((?P<module>[^()]+)\+0x(?P<offset>[0-9a-f]{1,16})\)$"
    ),
    context=context_of(r"(?P<title>Received signal \d+.*|\[.*:FATAL:.*)"),
    before="",
    after=" ",
    example="#4 0x55435468e544 (/usr/bin/rbd-nbd+0x3e543)",
)
