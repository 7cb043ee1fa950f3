# SPDX-License-Identifier: MPL-2.0

"""Zips made byte by byte, as no tool makes them, or as tools do that are not here."""

import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field

TEXT = b"MODULE windows x86_64 ABC1 xul.pdb\n" * 10
NAME = b"xul.pdb/ABC1/xul.sym"
FOLLOW = 0x8
UTF8 = 0x800
MAX = 0xFFFFFFFF
_HEADERS = ("flags", "method", "crc", "packed", "size", "name", "extra")


@dataclass
class Member:
    """A member; ``local`` and ``central`` have what its two headers say otherwise.

    ``after`` stands between its data and what comes next, ``before`` in front of its header.
    """

    name: bytes = NAME
    data: bytes = TEXT
    method: int = 8
    flags: int = 0
    extra: bytes = b""
    after: bytes = b""
    before: bytes = b""
    local: Mapping[str, object] = field(default_factory=dict)
    central: Mapping[str, object] = field(default_factory=dict)
    packed_data: bytes | None = None

    @property
    def packed(self) -> bytes:
        """The data as they are in the archive."""
        if self.packed_data is not None:
            return self.packed_data
        if self.method == 0:
            return self.data
        packer = zlib.compressobj(9, zlib.DEFLATED, -15)
        return packer.compress(self.data) + packer.flush()

    @property
    def crc(self) -> int:
        return zlib.crc32(self.data)

    def says(self, otherwise: Mapping[str, object]) -> dict[str, object]:
        usual = {
            "flags": self.flags,
            "method": self.method,
            "crc": self.crc,
            "packed": len(self.packed),
            "size": len(self.data),
            "name": self.name,
            "extra": self.extra,
            "disk": 0,
        }
        assert otherwise.keys() <= {*usual, "offset"}
        return usual | dict(otherwise)


def make(*members: Member, start: bytes = b"", gap: bytes = b"", **end: int) -> bytes:
    """Make a zip; ``start`` and ``gap`` stand before the first member and before the directory."""
    body, directory = start, b""
    for member in members:
        body += member.before
        directory += _central(member, len(body))
        body += _local(member) + member.packed + member.after
    body += gap
    fields = {"count": len(members), "size": len(directory), "offset": len(body)} | end
    return body + directory + end_record(**fields)


def end_record(count: int, size: int, offset: int, comment: int = 0) -> bytes:
    return struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, count, count, size, offset, comment)


def end_record64(count: int, size: int, offset: int, at: int, rest: int = 44) -> bytes:
    """Make the end record of zip64 and its locator, which says that the record lies ``at``."""
    record = struct.pack("<4sQ2H2L4Q", b"PK\6\6", rest, 45, 45, 0, 0, count, count, size, offset)
    return record + struct.pack("<4sLQL", b"PK\6\7", 0, at, 1)


def descriptor(member: Member, layout: str = "<3L", *, signed: bool = True) -> bytes:
    """Make what follows the data: ``"<3L"``, or ``"<L2Q"`` with wide sizes."""
    values = struct.pack(layout, member.crc, len(member.packed), len(member.data))
    return b"PK\7\10" * signed + values


def extra(kind: int, data: bytes) -> bytes:
    return struct.pack("<2H", kind, len(data)) + data


def zip64(*values: int) -> bytes:
    return extra(1, struct.pack(f"<{len(values)}Q", *values))


def unicode_path(name: bytes, header_name: bytes = NAME) -> bytes:
    return extra(0x7075, struct.pack("<BL", 1, zlib.crc32(header_name)) + name)


def _local(member: Member) -> bytes:
    says = member.says(member.local)
    flags, method, crc, packed, size, name, extra_field = (says[key] for key in _HEADERS)
    assert isinstance(name, bytes)
    assert isinstance(extra_field, bytes)
    sizes = (len(name), len(extra_field))
    fixed = struct.pack(
        "<4s5H3L2H", b"PK\3\4", 20, flags, method, 0, 0x21, crc, packed, size, *sizes
    )
    return fixed + name + extra_field


def _central(member: Member, offset: int) -> bytes:
    says = member.says(member.central)
    flags, method, crc, packed, size, name, extra_field = (says[key] for key in _HEADERS)
    assert isinstance(name, bytes)
    assert isinstance(extra_field, bytes)
    fixed = struct.pack(
        "<4s6H3L5H2L", b"PK\1\2", 20, 20, flags, method, 0, 0x21, crc, packed, size,
        len(name), len(extra_field), 0, says["disk"], 0, 0, says.get("offset", offset),
    )  # fmt: skip
    return fixed + name + extra_field
