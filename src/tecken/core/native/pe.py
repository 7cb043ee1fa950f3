# SPDX-License-Identifier: MPL-2.0

"""What a PE file (an EXE or DLL) is: its timestamp and size, and the PDB that its debug directory names.

Source: Microsoft's "PE Format"; the CodeView records RSDS and NB10 as their published readers have them.
"""

import struct
from typing import NamedTuple
from uuid import UUID

from tecken.core.errors import MalformedNativeFileError
from tecken.core.native.content import Content
from tecken.core.native.kinds import Identified, Kind, Role, features
from tecken.core.native.machines import COFF_MACHINES

_PE_OFFSET_AT = 0x3C
_U32 = struct.Struct("<I")
_COFF = struct.Struct("<HHIIIHH")  # of the COFF header, after PE\0\0
_DIRECTORY = struct.Struct("<II")
_SECTION = struct.Struct("<8sIIIIIIHHI")
_DEBUG_ENTRY = struct.Struct("<IIHHIIII")
_PE32, _PE32_PLUS = 0x10B, 0x20B
_EXPORTS, _EXCEPTIONS, _DEBUG = 0, 3, 6
_CODE_VIEW = 2
_MAX_DEBUG_ENTRIES = 64
_MAX_DIRECTORIES = 16
_MAX_RECORD_BYTES = 64 * 1024


class CodeView(NamedTuple):
    """The PDB of an executable: the name without its folder, and the debug id."""

    debug_file: str
    debug_id: str


class _PeFile:
    def __init__(self, content: Content) -> None:
        self._content = content
        (start,) = content.unpack(_U32, _PE_OFFSET_AT)
        coff = content.unpack(_COFF, start + 4)
        self.machine, self._section_count, self.timestamp = coff[:3]
        self.symbol_count, optional_size = coff[4], coff[5]
        self._optional = start + 4 + _COFF.size
        self._sections_at = self._optional + optional_size
        magic = content.unpack(_U32, self._optional)[0] & 0xFFFF
        if magic not in {_PE32, _PE32_PLUS} or optional_size < 96:
            raise MalformedNativeFileError("it has no optional header, which an executable has")
        (self.image_size,) = content.unpack(_U32, self._optional + 56)
        self._directories_at = self._optional + (96 if magic == _PE32 else 112)
        (count,) = content.unpack(_U32, self._directories_at - 4)
        self._directory_count = min(count, _MAX_DIRECTORIES)

    def directory(self, number: int) -> tuple[int, int]:
        """Return address and size of a directory, zeros where it is not there."""
        if number >= self._directory_count:
            return 0, 0
        address, size = self._content.unpack(
            _DIRECTORY, self._directories_at + number * _DIRECTORY.size
        )
        return address, size

    def offset_of(self, address: int) -> int:
        """Return where in the file an address lies. Raises MalformedNativeFileError."""
        for number in range(self._section_count):
            fields = self._content.unpack(_SECTION, self._sections_at + number * _SECTION.size)
            _, virtual_size, start, raw_size, raw_offset = fields[:5]
            if start <= address < start + max(virtual_size, raw_size):
                return raw_offset + address - start
        raise MalformedNativeFileError("its debug directory lies in no section")

    def code_view(self) -> CodeView | None:
        """Return the PDB that is named, if one is."""
        address, size = self.directory(_DEBUG)
        if not address or not size:
            return None
        at = self.offset_of(address)
        for number in range(min(size // _DEBUG_ENTRY.size, _MAX_DEBUG_ENTRIES)):
            entry = self._content.unpack(_DEBUG_ENTRY, at + number * _DEBUG_ENTRY.size)
            kind, record_size, record_at = entry[4], entry[5], entry[7]
            if kind == _CODE_VIEW:
                record = self._content.part(
                    record_at, min(record_size, _MAX_RECORD_BYTES), "the CodeView record"
                )
                return _code_view_of(record.cut(0, record.size))
        return None


def identify_pe(content: Content, name: str) -> Identified:
    """Return what a PE file of this name is. Raises NativeFileError."""
    pe = _PeFile(content)
    named = pe.code_view()
    code_id = f"{pe.timestamp:08X}{pe.image_size:X}"
    debug_file, debug_id = named or ("", "")
    return Identified(
        kind=Kind.PE,
        role=Role.EXECUTABLE,
        arch=COFF_MACHINES.get(pe.machine, f"coff{pe.machine:x}"),
        debug_file=debug_file,
        debug_id=debug_id,
        code_file=name,
        code_id=code_id,
        native_id=(debug_id or code_id).lower(),
        has=features(
            symbols=bool(pe.symbol_count or pe.directory(_EXPORTS)[1]),
            unwind=bool(pe.directory(_EXCEPTIONS)[1]),
        ),
    )


def _code_view_of(record: bytes) -> CodeView:
    """Read ``RSDS``, a GUID, the age, and the path of the PDB; or ``NB10`` with a timestamp."""
    if record.startswith(b"RSDS") and len(record) >= 24:
        guid, (age,) = record[4:20], _U32.unpack_from(record, 20)
        return CodeView(_file_name(record[24:]), debug_id_of(guid, age))
    if record.startswith(b"NB10") and len(record) >= 16:
        stamp, age = struct.unpack_from("<II", record, 8)
        return CodeView(_file_name(record[16:]), f"{stamp:08X}{age:X}")
    raise MalformedNativeFileError("its CodeView record is of an unknown form")


def debug_id_of(guid: bytes, age: int) -> str:
    """Return the debug id of a GUID as it lies in a file, and an age."""
    return f"{UUID(bytes_le=guid).hex.upper()}{age:X}"


def _file_name(path: bytes) -> str:
    text = path.partition(b"\0")[0].decode("utf-8", "replace")
    return text.replace("\\", "/").rpartition("/")[2]
