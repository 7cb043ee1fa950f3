# SPDX-License-Identifier: MPL-2.0

"""A symbol file that has only what a stack is unwound by: its STACK records.

Names, lines and inlined calls are looked up elsewhere, so that 177 MB of text become 14. A program that looks
for return addresses on a stack believes only those that lie in a function; so each range that has STACK
records is one, named by where it begins: ``FUNC 1130 2c 0 @1130``.

Source: Breakpad docs/symbol_files.md, "STACK WIN" and "STACK CFI".
"""

import re
from collections.abc import Iterable, Iterator

from tecken.core.symbols.records import SymbolFileHead

# A range: "STACK CFI INIT 1130 2c …", or "STACK WIN 4 1130 2c …".
_RANGE = re.compile(rb"STACK (?:CFI INIT|WIN \d+) ([0-9a-f]+) ([0-9a-f]+) ", re.I)
_MARKED = re.compile(
    rb"^(?P<before>.*)!@(?P<start>[0-9a-f]{1,16}) \+ 0x(?P<offset>[0-9a-f]{1,16})(?=\r?$)", re.M
)


def unwinding_file(head: SymbolFileHead, records: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the text of such a file, of whole records as they come; nothing where there is none."""
    ranges: dict[bytes, bytes] = {}
    for number, chunk in enumerate(records):
        if number == 0:
            yield _module_record(head)
        yield chunk
        for start, size in _RANGE.findall(chunk):
            ranges.setdefault(start, size)
    if ranges:
        yield b"".join(
            b"FUNC %b %b 0 @%b\n" % (start, size, start) for start, size in ranges.items()
        )


def _module_record(head: SymbolFileHead) -> bytes:
    module = head.module
    if module is None:
        return b""
    return f"MODULE {module.os} {module.arch} {module.debug_id} {module.debug_file}\n".encode()


def with_module_offsets(printed: bytes) -> bytes:
    """Put offsets in the module in place of the functions that such a file has, in what stackwalk prints.

    ``1  libc.so.6!@27730 + 0x18`` was ``1  libc.so.6 + 0x27748`` without it.
    """
    return _MARKED.sub(_of_module, printed)


def _of_module(match: re.Match[bytes]) -> bytes:
    return b"%b + 0x%x" % (match["before"], int(match["start"], 16) + int(match["offset"], 16))
