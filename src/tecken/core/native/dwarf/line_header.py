# SPDX-License-Identifier: MPL-2.0

"""The header of a line program: the encoding of its opcodes, and its files.

Source: DWARF 5, section 6.2.4, and that of earlier versions.
"""

import struct
from dataclasses import dataclass

from tecken.core.errors import MalformedNativeFileError, UnsupportedNativeFileError
from tecken.core.native.dwarf import constants as dw
from tecken.core.native.dwarf.forms import UnitFormat, fixed_size
from tecken.core.native.dwarf.leb import behind_string, read_signed, read_unsigned
from tecken.core.native.dwarf.sections import DebugSections
from tecken.core.native.dwarf.unit_headers import read_length

_MAX_FORMATS = 32
_CODES = {1: "B", 2: "H", 4: "I", 8: "Q"}


@dataclass(frozen=True, slots=True)
class LineHeader:
    """What a line program needs to be run; ``program`` are its opcodes.

    ``files`` are (folder, name); ``first_file`` is the number of the first of them, and folder 0 is
    that of the compilation.
    """

    address_size: int
    order: str
    instruction_bytes: int
    line_base: int
    line_range: int
    operands: bytes
    folders: list[bytes]
    files: list[tuple[int, bytes]]
    first_file: int
    program: bytes

    def path_of(self, number: int, directory: bytes) -> bytes | None:
        """Return the path of a file, which is absolute if the compiler told; None where there is no such number."""
        index = number - self.first_file
        if not 0 <= index < len(self.files):
            return None
        folder, name = self.files[index]
        if _is_absolute(name):
            return name
        # Before version 5 folder 0 is not in the table.
        position = folder - self.first_file
        within = self.folders[position] if 0 <= position < len(self.folders) else b""
        for above in (within, directory):
            if above and not _is_absolute(name):
                name = above.rstrip(b"/\\") + _separator_of(above) + name
        return name


def _is_absolute(path: bytes) -> bool:
    return path[:1] in {b"/", b"\\", b"<"} or path[1:3] in {b":\\", b":/"}


def _separator_of(folder: bytes) -> bytes:
    return b"\\" if b"\\" in folder and b"/" not in folder else b"/"


def read_line_header(sections: DebugSections, offset: int, address_size: int) -> LineHeader:
    """Read the header at an offset in ``.debug_line``.

    ``address_size`` is that of the unit; from version 5 on the header has its own. Raises NativeFileError.
    """
    content, order = sections.line, sections.order
    length, size, start = read_length(content, offset, order)
    data = content.cut(start, start + length)
    (version,) = struct.unpack_from(order + "H", data)
    if not 2 <= version <= 5:
        raise UnsupportedNativeFileError(f"it has a line program of DWARF version {version}")
    position = 2
    if version >= 5:
        address_size = data[2]
        position = 4
    (header_length,) = struct.unpack_from(order + ("I" if size == 4 else "Q"), data, position)
    position += size
    program_at = position + header_length
    if program_at > len(data):
        raise MalformedNativeFileError(f"the line program at {offset:#x} ends in its header")
    instruction_bytes = data[position]
    position += 2 if version >= 4 else 1  # with the operations of an instruction
    _, line_base, line_range, opcode_base = struct.unpack_from("BbBB", data, position)
    position += 4
    operands = data[position : position + max(opcode_base, 1) - 1]
    position += len(operands)
    if version >= 5:
        table = _Tables(sections, data, UnitFormat(version, address_size, size, order))
        entries, position = table.read(position)
        folders = [name for name, _ in entries]
        entries, position = table.read(position)
        files = [(folder, name) for name, folder in entries]
    else:
        folders, position = _read_strings(data, position)
        files = _read_files(data, position)
    return LineHeader(
        address_size, order, instruction_bytes, line_base, line_range, operands, folders, files,
        0 if version >= 5 else 1, data[program_at:],
    )  # fmt: skip


def _read_strings(data: bytes, position: int) -> tuple[list[bytes], int]:
    strings = []
    while data[position]:
        after = behind_string(data, position)
        strings.append(data[position : after - 1])
        position = after
    return strings, position + 1


def _read_files(data: bytes, position: int) -> list[tuple[int, bytes]]:
    """Read the files of a header before version 5: name, folder, time and size."""
    files = []
    while data[position]:
        behind = behind_string(data, position)
        folder, after = read_unsigned(data, behind)
        _, after = read_unsigned(data, after)
        _, after = read_unsigned(data, after)
        files.append((folder, data[position : behind - 1]))
        position = after
    return files


class _Tables:
    """The tables of folders and files of version 5, each of which describes itself."""

    def __init__(self, sections: DebugSections, data: bytes, unit: UnitFormat) -> None:
        self._sections = sections
        self._data = data
        self._unit = unit

    def read(self, position: int) -> tuple[list[tuple[bytes, int]], int]:
        """Return the (name, folder) of each entry, and the position behind the table."""
        data = self._data
        count = data[position]
        position += 1
        if count > _MAX_FORMATS:
            raise MalformedNativeFileError(f"a table of files has {count} values in each entry")
        formats = []
        for _ in range(count):
            kind, position = read_unsigned(data, position)
            form, position = read_unsigned(data, position)
            formats.append((kind, form))
        number, position = read_unsigned(data, position)
        if number > len(data) or (number and not formats):
            raise MalformedNativeFileError(f"a table of files announces {number:,} entries")
        entries = []
        for _ in range(number):
            name, folder = b"", 0
            for kind, form in formats:
                if kind == dw.LNCT_PATH:
                    name, position = self._string(form, position)
                elif kind == dw.LNCT_DIRECTORY_INDEX:
                    folder, position = self._number(form, position)
                else:
                    position = self._behind(form, position)
            entries.append((name, folder))
        return entries, position

    def _string(self, form: int, position: int) -> tuple[bytes, int]:
        if form == dw.FORM_STRING:
            behind = behind_string(self._data, position)
            return self._data[position : behind - 1], behind
        strings = {dw.FORM_LINE_STRP: self._sections.line_str, dw.FORM_STRP: self._sections.strings}
        if form not in strings:
            return b"", self._behind(form, position)
        offset, position = self._number(form, position)
        return strings[form].string_at(offset), position

    def _number(self, form: int, position: int) -> tuple[int, int]:
        if form == dw.FORM_UDATA:
            return read_unsigned(self._data, position)
        size = fixed_size(form, self._unit)
        if size not in _CODES:
            return 0, self._behind(form, position)
        layout = self._unit.order + _CODES[size]
        return struct.unpack_from(layout, self._data, position)[0], position + size

    def _behind(self, form: int, position: int) -> int:
        """Return the position behind a value that is not wanted, or of a form that makes no sense."""
        data = self._data
        if form == dw.FORM_STRING:
            return behind_string(data, position)
        if form == dw.FORM_SDATA:
            return read_signed(data, position)[1]
        if form in {dw.FORM_UDATA, dw.FORM_STRX}:
            return read_unsigned(data, position)[1]
        if form in {dw.FORM_BLOCK, dw.FORM_EXPRLOC}:
            size, position = read_unsigned(data, position)
            return position + size
        if form == dw.FORM_BLOCK1:
            return position + 1 + data[position]
        known = fixed_size(form, self._unit)
        if known is None:
            raise UnsupportedNativeFileError(f"a table of files has values of form {form:#x}")
        return position + known
