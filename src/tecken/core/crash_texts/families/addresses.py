# SPDX-License-Identifier: MPL-2.0

"""Addresses and modules, as handlers of programs print them: ``[N|#N] 0xADDRESS MODULE``.

Only a module that is among those given makes such a line a frame: it needs their base address.

Returns: as printed.
"""

import re

from tecken.core.crash_texts.scan import Family

ADDRESSES = Family(
    format="addresses",
    kin="addresses",
    hints=("0x",),
    frame=re.compile(
        r"\s*(?:#?(?P<number>\d{1,9}):?\s+)?0x(?P<address>[0-9a-fA-F]{1,16})\s+(?P<module>[^\s()\[\]]+)(?:  (?P<slot>\S.*))?$"
    ),
    accept=lambda match, scan: scan.images.named(match["module"]) is not None,
    before="  ",
    example="3 0x7f12a4b0b2e3 libfoo.so",
)
