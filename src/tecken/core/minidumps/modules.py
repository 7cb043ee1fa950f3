# SPDX-License-Identifier: MPL-2.0

"""The code ids of a minidump's modules, which what walks its stacks does not print.

A module of Windows has the timestamp and size of its image, one of Linux the build id.
Source: Microsoft's minidumpapiset.h, MINIDUMP_MODULE; Breakpad's minidump_format.h, MDCVInfoELF and MDCVInfoPDB70.
"""

import struct
from typing import BinaryIO, Final

from tecken.core.identifiers import debug_id_of_build_id

_MODULE_LIST: Final = 4
_HEADER = struct.Struct("<4sIII")
_ENTRY = struct.Struct("<III")
_MODULE = struct.Struct(
    "<QIIII52xII24x"
)  # base, size, checksum, timestamp, name, record's size and place
_RECORD_HEAD = struct.Struct("<4s16sI")
_PDB, _ELF = b"RSDS", b"LEpB"  # the latter is "BpEL" as a number
_MOST_MODULES = 10_000
_MOST_RECORD_BYTES = 1024
_MOST_NAME_BYTES = 2048


def module_code_ids(file: BinaryIO, size: int) -> dict[tuple[str, str], str]:
    """Return the code ids by debug file and debug id, as far as the dump tells them.

    The file has so many bytes, and ``check_minidump`` has looked at its header. What is damaged is left out.
    """
    found: dict[tuple[str, str], str] = {}
    for module in _modules(file, size):
        _, image_size, _, timestamp, name_at, record_size, record_at = _MODULE.unpack(module)
        record = _read(file, record_at, min(record_size, _MOST_RECORD_BYTES), size)
        if record.startswith(_ELF) and len(record) >= 20:
            build_id = record[4:].hex()
            name = _name(file, name_at, size).rpartition("/")[2]
            found[name, debug_id_of_build_id(build_id.ljust(32, "0"))] = build_id.upper()
        elif record.startswith(_PDB) and len(record) > _RECORD_HEAD.size and timestamp:
            _, guid, age = _RECORD_HEAD.unpack_from(record)
            name = record[_RECORD_HEAD.size :].split(b"\0")[0].decode(errors="replace")
            base_name = name.replace("\\", "/").rpartition("/")[2]
            debug_id = f"{_guid(guid)}{age:X}"
            found[base_name, debug_id] = f"{timestamp:08X}{image_size:x}".upper()
    return found


def _modules(file: BinaryIO, size: int) -> list[bytes]:
    """Return the modules' structures."""
    _, _, streams, start = _HEADER.unpack(
        _read(file, 0, _HEADER.size, size).ljust(_HEADER.size, b"\0")
    )
    directory = _read(file, start, streams * _ENTRY.size, size)
    for kind, length, offset in _ENTRY.iter_unpack(directory):
        if kind == _MODULE_LIST:
            count = int.from_bytes(_read(file, offset, 4, size), "little")
            # Some writers leave four bytes, so that what follows is aligned.
            pad = 4 if length == 8 + count * _MODULE.size else 0
            length = min(count, _MOST_MODULES) * _MODULE.size
            listed = _read(file, offset + 4 + pad, length, size)
            return [listed[at : at + _MODULE.size] for at in range(0, len(listed), _MODULE.size)]
    return []


def _guid(guid: bytes) -> str:
    return debug_id_of_build_id(guid.hex())[:-1]


def _name(file: BinaryIO, at: int, size: int) -> str:
    length = int.from_bytes(_read(file, at, 4, size), "little")
    return _read(file, at + 4, min(length, _MOST_NAME_BYTES), size).decode("utf-16-le", "replace")


def _read(file: BinaryIO, at: int, length: int, size: int) -> bytes:
    if at < 0 or length <= 0 or at + length > size:
        return b""
    file.seek(at)
    return file.read(length)
