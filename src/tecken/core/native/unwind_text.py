# SPDX-License-Identifier: MPL-2.0

"""STACK CFI records. Source: Breakpad docs/symbol_files.md."""

from tecken.core.errors import UnsupportedNativeFileError
from tecken.core.native.cfi import UnwindReader, UnwindRecords
from tecken.core.native.opened import OpenedFiles
from tecken.core.native.unit_symbols import damage_named
from tecken.core.native.writing import Write

_MAX_RECORDS = 20_000_000  # radosgw has 195,000


def write_unwind_records(opened: OpenedFiles, write: Write) -> int:
    """Write the records of all code that has some, by address, and return their number.

    Of several at one address the first counts. Raises NativeFileError.
    """
    base, first, last = opened.bounds.base, opened.bounds.first, opened.bounds.last
    found: dict[int, UnwindRecords] = {}
    for module in opened.objects:
        for section in module.unwind_sections():
            reader = UnwindReader(section, opened.main.arch, module.order, module.address_size)
            with damage_named("the unwind information"):
                for code in reader.records():
                    if first <= code.address < last and code.size:
                        found.setdefault(code.address, code)
    count = 0
    for address in sorted(found):
        code = found[address]
        start = address - base
        lines = [f"STACK CFI {start + offset:x} {rules}\n" for offset, rules in code.records]
        lines[0] = f"STACK CFI INIT {start:x} {code.size:x} {code.records[0][1]}\n"
        write("".join(lines).encode())
        count += len(lines)
        if count > _MAX_RECORDS:
            raise UnsupportedNativeFileError(f"it has more than {_MAX_RECORDS:,} unwind records")
    return count
