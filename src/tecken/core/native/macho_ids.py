# SPDX-License-Identifier: MPL-2.0

"""What a Mach-O file is: for each processor it has code or debug information for, its UUID and what it has.

Source: mach-o/loader.h and mach-o/fat.h.
"""

import struct
from collections.abc import Iterator
from uuid import UUID

from tecken.core.errors import MalformedNativeFileError
from tecken.core.native.content import Content
from tecken.core.native.kinds import FAT_MAGICS, MAX_SLICES, Identified, Kind, Role, features
from tecken.core.native.machines import MACH_O_PROCESSORS

_MAX_COMMANDS = 65_536
_MAX_COMMANDS_BYTES = 16 * 1024 * 1024
_MAX_SECTIONS = 4096  # of a segment
_LC_SEGMENT, _LC_SYMTAB, _LC_SEGMENT_64, _LC_UUID = 0x1, 0x2, 0x19, 0x1B
_MH_DSYM = 0xA


def identify_macho(content: Content, name: str) -> tuple[Identified, ...]:
    """Return what the slices of a Mach-O file of this name are. Raises NativeFileError."""
    if content.cut(0, min(4, content.size)) in FAT_MAGICS:
        return tuple(_identify_slice(part, name) for part in _slices(content))
    return (_identify_slice(content, name),)


def _slices(content: Content) -> Iterator[Content]:
    """Yield the slices of a fat file."""
    is_64 = content.cut(0, 4) == FAT_MAGICS[1]
    layout = struct.Struct(">IIQQII" if is_64 else ">IIIII")
    (count,) = content.unpack(struct.Struct(">I"), 4)
    if not 0 < count <= MAX_SLICES:
        raise MalformedNativeFileError(f"it has {count:,} slices")
    for number in range(count):
        fields = content.unpack(layout, 8 + number * layout.size)
        yield content.part(fields[2], fields[3], "a slice")


class _Commands:
    """What the load commands of a slice tell."""

    def __init__(self, content: Content) -> None:
        magic = content.cut(0, min(4, content.size))
        if magic not in {b"\xfe\xed\xfa\xce", b"\xfe\xed\xfa\xcf", b"\xce\xfa\xed\xfe", b"\xcf\xfa\xed\xfe"}:  # fmt: skip
            raise MalformedNativeFileError("a slice is no Mach-O file")
        self._order = ">" if magic[:1] == b"\xfe" else "<"
        is_64 = 0xCF in (magic[0], magic[3])
        header = content.unpack(struct.Struct(self._order + "4xIIIIII"), 0)
        self.processor, self.file_type = header[0], header[2]
        count, size = header[3], header[4]
        if count > _MAX_COMMANDS or size > _MAX_COMMANDS_BYTES:
            raise MalformedNativeFileError(f"it has {count:,} load commands of {size:,} bytes")
        self._content = content.part(32 if is_64 else 28, size, "the load commands")
        self.uuid: bytes | None = None
        self.symbols = 0
        self.sections: set[bytes] = set()
        self._read(count)

    def _read(self, count: int) -> None:
        command = struct.Struct(self._order + "II")
        at = 0
        for _ in range(count):
            kind, size = self._content.unpack(command, at)
            if size < command.size:
                raise MalformedNativeFileError("a load command has no size")
            if kind == _LC_UUID:
                self.uuid = self._content.part(at + 8, 16, "the UUID").cut(0, 16)
            elif kind == _LC_SYMTAB:
                (self.symbols,) = self._content.unpack(struct.Struct(self._order + "I"), at + 12)
            elif kind in {_LC_SEGMENT, _LC_SEGMENT_64}:
                self._read_segment(at, is_64=kind == _LC_SEGMENT_64)
            at += size

    def _read_segment(self, at: int, *, is_64: bool) -> None:
        start, each, count_at = (72, 80, 64) if is_64 else (56, 68, 48)
        (count,) = self._content.unpack(struct.Struct(self._order + "I"), at + count_at)
        if count > _MAX_SECTIONS:
            raise MalformedNativeFileError(f"a segment has {count:,} sections")
        for number in range(count):
            name_at = at + start + number * each
            name = self._content.part(name_at, 16, "the name of a section").cut(0, 16)
            self.sections.add(name.rstrip(b"\0"))


def _identify_slice(content: Content, name: str) -> Identified:
    commands = _Commands(content)
    uuid = commands.uuid.hex() if commands.uuid else ""
    is_debug = commands.file_type == _MH_DSYM
    return Identified(
        kind=Kind.MACHO,
        role=Role.DEBUGINFO if is_debug else Role.EXECUTABLE,
        arch=MACH_O_PROCESSORS.get(commands.processor, f"cpu{commands.processor:x}"),
        debug_file=name,
        debug_id=f"{UUID(uuid).hex.upper()}0" if uuid else "",
        code_file=name,
        code_id=uuid.upper(),
        native_id=uuid,
        has=features(
            lines=b"__debug_line" in commands.sections,
            symbols=commands.symbols > 0,
            # A dSYM has the headers of these sections, but not what was in them.
            unwind=not is_debug
            and not commands.sections.isdisjoint({b"__unwind_info", b"__eh_frame"}),
        ),
    )
