# SPDX-License-Identifier: MPL-2.0

"""perf: ``perf script`` with call chains, and ``perf report``.

Layout: tools/perf builtin-script.c and util/evsel_fprintf.c; perf 6.12's print: a sample's line, then ``<tab> ADDRESS
SYMBOL+0xOFFSET (MODULE)`` for each frame. ``PERF_RECORD_MMAP2`` lines (``--show-mmap-events``) have where modules
lie. ``perf report`` prints an address relative to the file where it has no symbol. Frames of the kernel
(``[kernel.kallsyms]``) stay as they are and are not counted.

Returns: perf script as printed: with frame pointers they are return addresses, with DWARF one less, and nothing
tells which. perf report: exact.
"""

import re

from tecken.core.crash_texts.model import Frame
from tecken.core.crash_texts.scan import Family, Scan, context_of

_SYMBOL_OFFSET = re.compile(r"\+0x[0-9a-f]+$")


def _complete(frame: Frame, match: re.Match[str], scan: Scan) -> None:
    if frame.function:
        frame.function = _SYMBOL_OFFSET.sub("", frame.function)


PERF_SCRIPT = Family(
    format="perf-script",
    hints=("(/", "[unknown]", ".so"),
    frame=re.compile(
        r"\s+(?P<address>[0-9a-f]{4,16}) (?P<slot>\S.*?) \((?P<module>\[unknown\]|/[^()]*|[^()\[\]]+\.so[^()]*)\)$"
    ),
    damaged=re.compile(r"\s+[0-9a-f]\S* \S.* \((?:/|\[unknown)"),
    crashes=False,
    context=context_of(
        None, r"^(?P<thread>\S.*?)\s+\d+(?:/\d+)?\s+(?:\[\d+\]\s+)?\d+\.\d+: +(?!PERF_)"
    ),
    complete=_complete,
    example="\t    7fb1db99f6c7 [unknown] (/lib/x86_64-linux-gnu/libc.so.6)",
)
PERF_REPORT = Family(
    format="perf-report",
    hints=("[.]",),
    frame=re.compile(
        r"\s+(?:\d+\.\d+%\s+){1,2}(?:\S+(?: \S+)*\s\s+)?(?P<module>\S+)\s+\[\.\] "
        r"(?:0x(?P<offset>[0-9a-f]{1,16})|(?P<function>(?!0x)\S.*?))(?: +(?P<slot>\S.*?))?$"
    ),
    damaged=re.compile(r"\s+\d+\.\d+%.*\[\.\] 0x"),
    crashes=False,
    example="    13.01%  rbd-nbd  rbd-nbd              [.] 0x0000000000035ae8",
)
