# SPDX-License-Identifier: MPL-2.0

"""coredumpctl and systemd-coredump in the journal.

Layout: systemd src/shared/elf-util.c: ``Stack trace of thread TID:`` and ``#N  0xADDRESS FUNCTION (MODULE +
0xOFFSET)``; ``Module NAME from deb …, build-id=ID``, in older versions ``Found module NAME with build-id: ID``.

Returns: callers -1.
"""

import re

from tecken.core.crash_texts.model import Returns
from tecken.core.crash_texts.scan import Family, context_of

COREDUMPCTL = Family(
    format="coredumpctl",
    hints=(" + 0x",),
    frame=re.compile(
        r"\s*#(?P<number>\d{1,6})\s+0x(?P<address>[0-9a-f]{1,16}) (?P<slot>\S.*?)"
        r" \((?P<module>\S+) \+ 0x(?P<offset>[0-9a-f]{1,16})\)$"
    ),
    damaged=re.compile(r"\s*#\d{1,6}\s+0x\S* \S.* \(\S+ \+"),
    anywhere=True,
    returns=Returns.CALLERS,
    context=context_of(
        r"(?P<title>Process \d+ \(.*\) of user \d+ (?:dumped core|terminated abnormally).*)",
        r"Stack trace of thread (?P<thread>\d+):",
    ),
    example="                #3  0x000055f09e0a1d6c n/a (rbd-nbd + 0x51d6c)",
)
