# SPDX-License-Identifier: MPL-2.0

"""Apple's compact unwind information: one number for each function tells how its frame is made.

Source: Apple's ``mach-o/compact_unwind_encoding.h`` and the unwinder of LLVM's ``libunwind``, for x86_64 and arm64.
"""

import struct
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from tecken.core.errors import MalformedNativeFileError
from tecken.core.native.cfi import UnwindRecords
from tecken.core.native.content import Content

_HEADER: Final = struct.Struct("<7I")
_INDEX: Final = struct.Struct("<3I")
_REGULAR, _COMPRESSED = 2, 3
_MODE: Final = 0x0F00_0000
_MAX_ENTRIES = 8_000_000

_X86_64_SAVED: Final = ("", "$rbx", "$r12", "$r13", "$r14", "$r15", "$rbp", "")
_ARM64_PAIRS: Final = ((1, 19), (2, 21), (4, 23), (8, 25), (16, 27))


class CompactEntry(NamedTuple):
    """A function from ``start``, counted from the module's start, and how its frame is made."""

    start: int
    encoding: int


def compact_records(
    content: Content, arch: str, base: int, number_at: Callable[[int], int | None]
) -> Iterator[UnwindRecords]:
    """Yield the records of functions from a section ``__unwind_info``.

    ``base`` is the address of ``__TEXT``; ``number_at`` returns the 32 bits at an address of code, None where
    that is not in the file. Raises MalformedNativeFileError.
    """
    entries = _entries(content)
    last = next(entries, None)
    for entry in entries:
        if last and last.start < entry.start:
            if arch.startswith("arm64"):
                rules = _arm64_rules(last.encoding)
            else:
                rules = _x86_64_rules(last.encoding, base + last.start, number_at)
            if rules:
                yield UnwindRecords(base + last.start, entry.start - last.start, [(0, rules)])
        last = entry


def _entries(content: Content) -> Iterator[CompactEntry]:
    """Yield all functions, and at last what is behind them."""
    version, common_at, common_count, _, _, index_at, index_count = content.unpack(_HEADER, 0)
    if version != 1:
        raise MalformedNativeFileError(f"{content.name} has version {version}")
    if common_count > 127 or index_count * _INDEX.size > content.size:
        raise MalformedNativeFileError(f"{content.name} announces more than it has")
    common = _numbers(content, common_at, common_count)
    left = _MAX_ENTRIES
    for number in range(index_count):
        start, page_at, _ = content.unpack(_INDEX, index_at + number * _INDEX.size)
        if not page_at:  # the last one
            yield CompactEntry(start, 0)
            return
        for entry in _page(content, page_at, start, common):
            left -= 1
            if left < 0:
                raise MalformedNativeFileError(f"{content.name} uses its pages again and again")
            yield entry


def _page(
    content: Content, offset: int, start: int, common: tuple[int, ...]
) -> Iterator[CompactEntry]:
    (kind,) = content.unpack(struct.Struct("<I"), offset)
    if kind == _REGULAR:
        at, count = content.unpack(struct.Struct("<HH"), offset + 4)
        numbers = _numbers(content, offset + at, 2 * count)
        yield from map(CompactEntry, numbers[::2], numbers[1::2])
    elif kind == _COMPRESSED:
        at, count, own_at, own_count = content.unpack(struct.Struct("<4H"), offset + 4)
        encodings = common + _numbers(content, offset + own_at, own_count)
        for number in _numbers(content, offset + at, count):
            if number >> 24 >= len(encodings):
                raise MalformedNativeFileError(f"{content.name} lacks encoding {number >> 24}")
            yield CompactEntry(start + (number & 0xFF_FFFF), encodings[number >> 24])
    else:
        raise MalformedNativeFileError(f"{content.name} has a page of kind {kind}")


def _numbers(content: Content, offset: int, count: int) -> tuple[int, ...]:
    return content.unpack(struct.Struct(f"<{count}I"), offset)


def _arm64_rules(encoding: int) -> str:
    """Return the rules of a function; none where ``__eh_frame`` has them, or nobody knows."""
    if encoding & _MODE == 0x0200_0000:  # without a frame pointer
        return f".cfa: sp {(encoding >> 12 & 0xFFF) * 16} + .ra: x30"
    if encoding & _MODE != 0x0400_0000:
        return ""
    rules = [".cfa: x29 16 + x29: .cfa -16 + ^ .ra: .cfa -8 + ^"]
    offset = -24
    for bit, register in _ARM64_PAIRS:
        if encoding & bit:
            rules.append(f"x{register}: .cfa {offset} + ^")
            rules.append(f"x{register + 1}: .cfa {offset - 8} + ^")
            offset -= 16
    return " ".join(rules)


def _x86_64_rules(encoding: int, address: int, number_at: Callable[[int], int | None]) -> str:
    mode, offset = encoding & _MODE, encoding >> 16 & 0xFF
    if mode == 0x0100_0000:
        registers = [encoding >> shift & 7 for shift in range(0, 15, 3)]
        rules = [".cfa: $rbp 16 + $rbp: .cfa -16 + ^ .ra: .cfa -8 + ^"]
        return " ".join(rules + _saved(registers, -16 - 8 * offset))
    size: int | None = offset * 8
    if mode == 0x0300_0000:  # it stands in an instruction that makes room on the stack
        size = number_at(address + offset)
        size = None if size is None else size + (encoding >> 13 & 7) * 8
    elif mode != 0x0200_0000:
        return ""
    if size is None:
        return ""
    count = encoding >> 10 & 7
    registers = _permuted(encoding & 0x3FF, count)
    rules = [f".cfa: $rsp {size} + .ra: .cfa -8 + ^"]
    return " ".join(rules + _saved(registers, -8 - 8 * count))


def _saved(registers: list[int], offset: int) -> list[str]:
    """Return the rules of registers that lie one behind the other, the first at an offset from the frame."""
    return [
        f"{_X86_64_SAVED[register]}: .cfa {offset + 8 * position} + ^"
        for position, register in enumerate(registers)
        if _X86_64_SAVED[register]
    ]


def _permuted(permutation: int, count: int) -> list[int]:
    """Return which registers are saved, and in what order, by the number of their permutation.

    Each digit counts among the registers that are left, in a number system whose bases fall from one digit
    to the next; with six registers the last digit is known.
    """
    if not 1 <= count <= 6:
        return []
    digits = []
    for position in range(min(count, 5)):
        weight = 1
        for base in range(6 - count + 1, 6 - position):
            weight *= base
        digit, permutation = divmod(permutation, weight)
        digits.append(digit)
    if count == 6:
        digits.append(0)
    left = [1, 2, 3, 4, 5, 6]
    return [left.pop(digit) for digit in digits if digit < len(left)]
