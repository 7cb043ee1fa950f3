# SPDX-License-Identifier: MPL-2.0

"""What a Mach-O file is: for each processor it has code or debug information for, its UUID and what it has."""

from tecken.core.native.content import Content
from tecken.core.native.kinds import Identified, Kind, Role, features
from tecken.core.native.machines import MACH_O_PROCESSORS
from tecken.core.native.macho import MachOFile, slices_of

_MH_DSYM = 0xA


def identify_macho(content: Content, name: str) -> tuple[Identified, ...]:
    """Return what the slices of a Mach-O file of this name are. Raises NativeFileError."""
    return tuple(_identify_slice(file, name) for file in slices_of(content))


def _identify_slice(file: MachOFile, name: str) -> Identified:
    uuid = file.uuid.hex() if file.uuid else ""
    is_debug = file.type == _MH_DSYM
    sections = {section.name for section in file.sections}
    return Identified(
        kind=Kind.MACHO,
        role=Role.DEBUGINFO if is_debug else Role.EXECUTABLE,
        arch=MACH_O_PROCESSORS.get(file.processor, f"cpu{file.processor:x}"),
        debug_file=name,
        debug_id=f"{uuid.upper()}0" if uuid else "",
        code_file=name,
        code_id=uuid.upper(),
        native_id=uuid,
        has=features(
            lines="__debug_line" in sections,
            symbols=bool(file.symbol_table and file.symbol_table.symbol_count),
            # A dSYM has the headers of these sections, but not what was in them.
            unwind=not is_debug and not sections.isdisjoint({"__unwind_info", "__eh_frame"}),
        ),
    )
