# SPDX-License-Identifier: MPL-2.0

"""Call frame information of ``.eh_frame`` and ``.debug_frame``: which code has which rules to unwind it.

Source: DWARF 5, section 6.4.1; for ``.eh_frame`` the Linux Standard Base, "Exception Frames".
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

from tecken.core.errors import MalformedNativeFileError
from tecken.core.native.cfi_rules import REGISTERS, Frames, RuleReader
from tecken.core.native.content import Content
from tecken.core.native.dwarf.leb import behind_string, read_signed, read_unsigned
from tecken.core.native.dwarf.unit_headers import read_length

_PC_RELATIVE, _OMITTED = 0x10, 0xFF
_FORMATS: Final = {0x02: "H", 0x03: "I", 0x04: "Q", 0x0A: "h", 0x0B: "i", 0x0C: "q"}
_KEPT_RULES = 20_000  # functions share them: radosgw's 97,000 have 9,000
_KEPT_BYTES = 256


class UnwindSection(NamedTuple):
    """A section with call frame information, and its address as linked."""

    content: Content
    address: int
    is_eh_frame: bool


class UnwindRecords(NamedTuple):
    """The STACK CFI records of some code: (offset from ``address``, rules); the first is at 0."""

    address: int
    size: int
    records: list[tuple[int, str]]


@dataclass(frozen=True, slots=True)
class _Kind:
    """A CIE: what functions have in common, and how their addresses are written."""

    frames: Frames
    encoding: int
    is_augmented: bool


class UnwindReader:
    """Reads the records of a section for code of an architecture that Breakpad unwinds."""

    def __init__(self, section: UnwindSection, arch: str, order: str, address_size: int) -> None:
        self._content = section.content
        self._address = section.address
        self._is_eh = section.is_eh_frame
        self._registers = REGISTERS.get("arm64" if arch == "arm64e" else arch, [])
        self._order = order
        self._address_size = address_size
        self._kinds: dict[int, _Kind | None] = {}
        self._known: dict[tuple[int, bytes], list[tuple[int, str]]] = {}

    def records(self) -> Iterator[UnwindRecords]:
        """Yield the records of all functions. Raises NativeFileError, IndexError and struct.error."""
        offset = 0
        while self._registers and offset + 4 <= self._content.size:
            length, size, start = read_length(self._content, offset, self._order)
            if not length:
                if self._is_eh:
                    break  # the end of .eh_frame
                offset = start
                continue
            found = self._read(self._content.cut(start, start + length), start, size)
            if found and found.records:
                yield found
            offset = start + length

    def _read(self, data: bytes, start: int, size: int) -> UnwindRecords | None:
        """Read what begins at an offset of the section; None where it is no function's."""
        size = 4 if self._is_eh else size
        link = int.from_bytes(data[:size], "little" if self._order == "<" else "big")
        if link == (0 if self._is_eh else (1 << 8 * size) - 1):
            return None  # a CIE
        at = start - link if self._is_eh else link
        kind = self._kind_at(at)
        if kind is None:
            return None
        address, position = self._pointer(data, size, start, kind.encoding)
        code_size, position = self._pointer(data, position, start, kind.encoding & 0x0F)
        if kind.is_augmented:
            length, position = read_unsigned(data, position)
            position += length
        instructions = data[position:]
        records = self._known.get((at, instructions))
        if records is None:
            records = RuleReader(kind.frames).read(instructions)
            if len(self._known) < _KEPT_RULES and len(instructions) < _KEPT_BYTES:
                self._known[at, instructions] = records
        return UnwindRecords(address, code_size, records)

    def _kind_at(self, offset: int) -> _Kind | None:
        if offset not in self._kinds:
            self._kinds[offset] = self._read_kind(offset)
        return self._kinds[offset]

    def _read_kind(self, offset: int) -> _Kind | None:
        """Read a CIE; None for one that is not understood, whose functions are left out."""
        if not self._is_eh and offset >= self._content.size:
            raise MalformedNativeFileError("unwind information refers to what is not there")
        length, size, start = read_length(self._content, offset, self._order)
        data = self._content.cut(start, start + length)
        position = 4 if self._is_eh else size
        version = data[position]
        behind = behind_string(data, position + 1)
        augmentation = data[position + 1 : behind - 1]
        position = behind
        address_size = self._address_size
        if version >= 4:
            address_size = data[position]
            position += 2
        code_step, position = read_unsigned(data, position)
        data_step, position = read_signed(data, position)
        if version == 1:
            return_register, position = data[position], position + 1
        else:
            return_register, position = read_unsigned(data, position)
        encoding = 0
        if augmentation.startswith(b"z"):
            length, position = read_unsigned(data, position)
            encoding = self._encoding(augmentation[1:], data, position)
            position += length
        elif augmentation:
            return None
        frames = Frames(
            code_step, data_step, return_register, self._registers, data[position:], address_size
        )
        return _Kind(frames, encoding, bool(augmentation))

    def _encoding(self, augmentation: bytes, data: bytes, position: int) -> int:
        """Return how addresses are written, from the data of an augmentation."""
        for letter in augmentation:
            if letter == ord("R"):
                return data[position]
            if letter == ord("L"):
                position += 1
            elif letter == ord("P"):
                _, position = self._pointer(data, position + 1, 0, data[position] & 0x0F)
        return 0

    def _pointer(self, data: bytes, position: int, start: int, encoding: int) -> tuple[int, int]:
        """Return an address, or a size, and the position behind it; ``start`` is where the data are in the section."""
        base = self._address + start + position if encoding & 0x70 == _PC_RELATIVE else 0
        form = encoding & 0x0F
        if form in {0x01, 0x09}:
            value, behind = (read_unsigned if form == 1 else read_signed)(data, position)
        else:
            code = _FORMATS.get(form, "Q" if self._address_size == 8 else "I")
            (value,) = struct.unpack_from(self._order + code, data, position)
            behind = position + struct.calcsize(code)
        return base + value & (1 << 8 * self._address_size) - 1, behind
