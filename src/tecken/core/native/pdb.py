# SPDX-License-Identifier: MPL-2.0

"""What a PDB is: its GUID, the age of its DBI stream, and what it has; of a portable one (of .NET) the id in its ``#Pdb`` stream.

A PDB is a file of streams in blocks (MSF). No list of blocks is read whole: each entry is read when it is
needed, so a hostile directory costs nothing.

Source: LLVM's documentation "The PDB File Format"; Microsoft's published microsoft-pdb; ECMA-335 II.24.2; "Portable PDB v1.0" of dotnet/runtime,
docs/design/specs.
"""

import struct
from dataclasses import dataclass
from typing import Final

from tecken.core.errors import MalformedNativeFileError, UnsupportedNativeFileError
from tecken.core.native.content import Content
from tecken.core.native.kinds import (
    OLD_PDB_MAGIC,
    PDB_MAGIC,
    PORTABLE_PDB_MAGIC,
    Identified,
    Kind,
    Role,
    features,
)
from tecken.core.native.machines import COFF_MACHINES
from tecken.core.native.pe import debug_id_of

_U32 = struct.Struct("<I")
_SUPERBLOCK = struct.Struct("<IIIIII")  # after the magic
_INFO = struct.Struct("<III16s")
_DBI = struct.Struct("<iIIHHHHHHiiiiiIiiHHI")
_BLOCK_SIZES: Final = frozenset({512, 1024, 2048, 4096, 8192, 16384, 32768})
_INFO_STREAM, _DBI_STREAM = 1, 3
_NO_STREAM, _NO_STREAM_SIZE = 0xFFFF, 0xFFFFFFFF
_STRIPPED = 0x2  # of the flags of the DBI header: without private symbols
_FPO, _PDATA, _NEW_FPO = 0, 8, 9  # streams that the optional debug header names
_MAX_READ_BYTES = 4096

_ROOT = struct.Struct("<4xHHII")
_COUNT = struct.Struct("<HH")
_STREAM = struct.Struct("<II")
_MAX_VERSION_BYTES = 256
_MAX_STREAMS = 64
_MAX_STREAM_NAME_BYTES = 32
# Debuggers ask for it with this age: the last four bytes of its id are a timestamp or a hash.
_AGE = 0xFFFFFFFF


@dataclass(frozen=True, slots=True)
class _Stream:
    """The bytes of a stream; ``list_at`` is where the list of its blocks is in the directory."""

    _msf: "_Msf"
    size: int
    _list_at: int
    _name: str

    def read(self, offset: int, size: int) -> bytes:
        """Return some bytes, at most _MAX_READ_BYTES. Raises MalformedNativeFileError."""
        if offset < 0 or size > _MAX_READ_BYTES or offset + size > self.size:
            raise MalformedNativeFileError(f"{self._name} is too short")
        found = bytearray()
        while len(found) < size:
            number, start = divmod(offset + len(found), self._msf.block_size)
            count = min(size - len(found), self._msf.block_size - start)
            block = self._msf.directory_number(self._list_at + 4 * number)
            found += self._msf.read_block(block, start, count)
        return bytes(found)


class _Msf:
    def __init__(self, content: Content) -> None:
        self._content = content
        fields = content.unpack(_SUPERBLOCK, len(PDB_MAGIC))
        self.block_size, _, _, self._directory_size, _, map_block = fields
        if self.block_size not in _BLOCK_SIZES:
            raise MalformedNativeFileError(f"its blocks have {self.block_size} bytes")
        self._map_at = map_block * self.block_size
        self._stream_count = self.directory_number(0)

    def read_block(self, block: int, start: int, size: int) -> bytes:
        """Return some bytes of a block."""
        at = block * self.block_size + start
        return self._content.cut(at, at + size)

    def directory_number(self, offset: int) -> int:
        """Return the number at an offset of the directory of streams."""
        if offset + 4 > self._directory_size:
            raise MalformedNativeFileError("its directory of streams is too short")
        number, start = divmod(offset, self.block_size)
        (block,) = self._content.unpack(_U32, self._map_at + 4 * number)
        return int(self._content.unpack(_U32, block * self.block_size + start)[0])

    def stream(self, number: int, name: str) -> _Stream | None:
        """Return a stream of one of the first numbers; None where there is none."""
        if number >= self._stream_count:
            return None
        sizes = [self.directory_number(4 + 4 * before) for before in range(number + 1)]
        sizes = [0 if size == _NO_STREAM_SIZE else size for size in sizes]
        blocks = sum(-(-size // self.block_size) for size in sizes[:-1])
        list_at = 4 + 4 * self._stream_count + 4 * blocks
        return _Stream(self, sizes[-1], list_at, name) if sizes[-1] else None


def identify_pdb(content: Content, name: str) -> Identified:
    """Return what a PDB of this name is. Raises NativeFileError."""
    if content.cut(0, min(content.size, 4)) == PORTABLE_PDB_MAGIC:
        return _identify_portable(content, name)
    if content.cut(0, min(content.size, len(OLD_PDB_MAGIC))) == OLD_PDB_MAGIC:
        raise UnsupportedNativeFileError("it is a PDB of the old form (2.00), which is not read")
    msf = _Msf(content)
    info = msf.stream(_INFO_STREAM, "the PDB's stream of information")
    if info is None:
        raise MalformedNativeFileError("it has no stream with its GUID")
    _, _, age, guid = _INFO.unpack(info.read(0, _INFO.size))
    arch, has = "", features()
    dbi = msf.stream(_DBI_STREAM, "the PDB's DBI stream")
    if dbi is not None:
        header = _DBI.unpack(dbi.read(0, _DBI.size))
        # An executable names this age: the other one counts all changes of the PDB.
        age = header[2]
        arch = COFF_MACHINES.get(header[18], f"coff{header[18]:x}")
        has = _has(dbi, header)
    debug_id = debug_id_of(guid, age)
    return Identified(
        kind=Kind.PDB,
        role=Role.DEBUGINFO,
        arch=arch,
        debug_file=name,
        debug_id=debug_id,
        native_id=debug_id.lower(),
        has=has,
    )


def _has(dbi: _Stream, header: tuple[int, ...]) -> tuple[str, ...]:
    public_stream, record_stream = header[5], header[7]
    sizes = (header[9], header[10], header[11], header[12], header[13], header[16])
    modules, sources, streams_size = header[9], header[12], header[15]
    is_stripped = bool(header[17] & _STRIPPED)
    if min(*sizes, streams_size) < 0:
        raise MalformedNativeFileError("a part of its DBI stream has a negative size")
    return features(
        lines=modules > 0 and sources > 0 and not is_stripped,
        symbols=_NO_STREAM not in (public_stream, record_stream),
        unwind=_has_unwind(dbi, _DBI.size + sum(sizes), streams_size),
    )


def _has_unwind(dbi: _Stream, at: int, size: int) -> bool:
    count = min(size // 2, _NEW_FPO + 1)
    streams = struct.unpack(f"<{count}H", dbi.read(at, 2 * count))
    return any(
        number < count and streams[number] != _NO_STREAM for number in (_FPO, _PDATA, _NEW_FPO)
    )


def _identify_portable(content: Content, name: str) -> Identified:
    debug_id = debug_id_of(_portable_guid(content), _AGE)
    return Identified(
        kind=Kind.PDB,
        role=Role.DEBUGINFO,
        debug_file=name,
        debug_id=debug_id,
        native_id=debug_id.lower(),
        has=features(lines=True),
    )


def _portable_guid(content: Content) -> bytes:
    version_size = content.unpack(_ROOT, 0)[3]
    if version_size > _MAX_VERSION_BYTES:
        raise MalformedNativeFileError("the version of its metadata is too long")
    at = _ROOT.size + version_size
    _, count = content.unpack(_COUNT, at)
    at += _COUNT.size
    for _ in range(min(count, _MAX_STREAMS)):
        offset, size = content.unpack(_STREAM, at)
        at += _STREAM.size
        stream = content.cut(at, min(at + _MAX_STREAM_NAME_BYTES, content.size)).partition(b"\0")[0]
        at += (len(stream) // 4 + 1) * 4
        if stream == b"#Pdb":
            if size < 20:
                raise MalformedNativeFileError("its #Pdb stream is too short")
            return content.part(offset, size, "the #Pdb stream").cut(0, 16)
    raise MalformedNativeFileError("it is .NET metadata without a #Pdb stream, so no PDB")
