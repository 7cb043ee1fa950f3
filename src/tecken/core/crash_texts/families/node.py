# SPDX-License-Identifier: MPL-2.0

"""Node's native stack trace.

Layout: nodejs/node src/debug_utils.cc and node 20.20.2's print: ``N: 0xADDRESS FUNCTION [MODULE]``. The frames of
the JavaScript stack trace below stay as they are and are not counted.

Returns: as printed. Whether they are return addresses is not the same in all versions.
"""

import re

from tecken.core.crash_texts.scan import Family, context_of

NODE = Family(
    format="node",
    hints=(": 0x",),
    frame=re.compile(
        r"\s*(?P<number>\d{1,6}): 0x(?P<address>[0-9a-f]{1,16}) (?P<slot>(?:[^\s\[].*?)?) ?\[(?P<module>[^\]\[]+)\]$"
    ),
    damaged=re.compile(r"\s*\d{1,6}: 0x\S* .*\["),
    context=context_of(r"(?P<title>(?:Fatal error in|FATAL ERROR:|Assertion failed).*)"),
    before="",
    after="",
    example=" 2: 0x7f88ef831527  [/lib/libstdc++.so.6]",
)
