# SPDX-License-Identifier: MPL-2.0

"""STACK CFI records. Source: Breakpad docs/symbol_files.md."""

from tecken.core.errors import UnsupportedNativeFileError
from tecken.core.native.cfi import UnwindRecords
from tecken.core.native.opened import OpenedFiles
from tecken.core.native.unit_symbols import damage_named
from tecken.core.native.writing import Write

_MAX_RECORDS = 20_000_000  # radosgw has 195,000


def write_unwind_records(opened: OpenedFiles, write: Write) -> int:
    """Write the records of all code that has some, in the order of the sections, and return their number.

    Of several at one address the first counts. Raises NativeFileError.
    """
    base, first, last = opened.bounds.base, opened.bounds.first, opened.bounds.last
    written: set[int] = set()
    count = 0
    for module in opened.objects:
        with damage_named("the unwind information"):
            for code in module.unwind_records():
                is_new = first <= code.address < last and code.address not in written
                if is_new and code.size:
                    written.add(code.address)
                    write(_text_of(code, code.address - base))
                    count += len(code.records)
                if count > _MAX_RECORDS:
                    raise UnsupportedNativeFileError(
                        f"it has more than {_MAX_RECORDS:,} unwind records"
                    )
    return count


def _text_of(code: UnwindRecords, start: int) -> bytes:
    lines = [f"STACK CFI {start + offset:x} {rules}\n" for offset, rules in code.records]
    lines[0] = f"STACK CFI INIT {start:x} {code.size:x} {code.records[0][1]}\n"
    return "".join(lines).encode()
