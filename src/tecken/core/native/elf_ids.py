# SPDX-License-Identifier: MPL-2.0

"""What an ELF file is: its build id, and what it has.

Packed split units (``.dwp``) have no build id. They are kept by a digest of the ids of all their units.
"""

import hashlib

from tecken.core.errors import UnsupportedNativeFileError
from tecken.core.identifiers import debug_id_of_build_id
from tecken.core.native.content import Content
from tecken.core.native.dwarf.split_units import packed_unit_ids
from tecken.core.native.elf import ET_REL, SHF_ALLOC, SHF_EXECINSTR, SHT_NOBITS, ElfFile
from tecken.core.native.kinds import Identified, Kind, Role, features
from tecken.core.native.machines import ELF_MACHINES
from tecken.core.native.split_ids import sample_of

_ET_CORE = 4
_PACKED, _SPLIT_INFO, _PACKED_ENDING = ".debug_cu_index", ".debug_info.dwo", ".dwp"
_PACKED_ID_DIGITS = 40  # as a build id has
_MAX_INDEX_BYTES = 64 * 1024 * 1024  # of 700,000 units; it is read wherever a file is looked at
# What separate debug files are called besides their module's name.
_DEBUG_ENDINGS = (".debug", ".dbg", ".dbgsym")


def identify_elf(content: Content, name: str) -> Identified:
    """Return what an ELF file of this name is. Raises NativeFileError."""
    elf = ElfFile(content)
    if elf.type == _ET_CORE:
        raise UnsupportedNativeFileError("it is a core dump, and no file of a build")
    index = elf.find(_PACKED)
    if index is not None:
        if elf.announced_size(index) > _MAX_INDEX_BYTES:
            raise UnsupportedNativeFileError(
                f"its index of split units has more than {_MAX_INDEX_BYTES:,} bytes"
            )
        return _identify_packed(elf, name)
    if elf.find(_SPLIT_INFO) is not None:
        raise UnsupportedNativeFileError(
            "it has split units of one source file, which are not kept: pack those of a program"
            " with `dwp -e PROGRAM -o PROGRAM.dwp`, and upload that"
        )
    build_id = elf.build_id or ("" if elf.type == ET_REL else elf.text_digest) or ""
    has_code = bool(elf.code_ranges)
    is_separate = _has_code_elsewhere(elf) or (not has_code and elf.find(".debug_info") is not None)
    module = _module_name(name) if is_separate else name
    return Identified(
        kind=Kind.ELF,
        role=Role.DEBUGINFO if is_separate else Role.EXECUTABLE,
        arch=ELF_MACHINES.get(elf.machine, f"elf{elf.machine}"),
        debug_file=module,
        # A short one is filled up with zeros.
        debug_id=debug_id_of_build_id(build_id.ljust(32, "0")) if build_id else "",
        code_file=module,
        code_id=build_id.upper(),
        native_id=build_id,
        has=_has(elf),
        has_code=has_code,
        alternate_id=elf.alternate_id or "",
        may_be_split=any(elf.find(section) for section in (".debug_addr", ".zdebug_addr")),
    )


def _identify_packed(elf: ElfFile, name: str) -> Identified:
    """Return what packed split units are. Raises NativeFileError."""
    ids = packed_unit_ids(elf.debug_section("cu_index"), elf.order)
    digest = hashlib.sha256(b"".join(one.to_bytes(8, "big") for one in sorted(ids))).hexdigest()
    native_id = digest[:_PACKED_ID_DIGITS] if ids else ""
    return Identified(
        kind=Kind.ELF,
        role=Role.SPLIT,
        arch=ELF_MACHINES.get(elf.machine, f"elf{elf.machine}"),
        debug_file=name if name.endswith(_PACKED_ENDING) else name + _PACKED_ENDING,
        code_id=native_id.upper(),
        native_id=native_id,
        has=features(symbols=bool(ids)),
        has_code=False,
        split_ids=sample_of(ids),
    )


def _has(elf: ElfFile) -> tuple[str, ...]:
    names = {s.name for s in elf.sections if s.type != SHT_NOBITS and s.size}
    return features(
        lines=bool(names & {".debug_line", ".zdebug_line"}),
        symbols=bool(names & {".symtab", ".dynsym"}),
        unwind=bool(names & {".eh_frame", ".debug_frame", ".zdebug_frame", ".ARM.exidx"}),
    )


def _has_code_elsewhere(elf: ElfFile) -> bool:
    """Say whether this is what ``objcopy --only-keep-debug`` leaves: headers of code, but no code."""
    wanted = SHF_ALLOC | SHF_EXECINSTR
    code = [section for section in elf.sections if section.flags & wanted == wanted]
    return bool(code) and all(section.type == SHT_NOBITS for section in code)


def _module_name(name: str) -> str:
    """Return the name of the module of a separate debug file: ``libfoo.so`` for ``libfoo.so.debug``."""
    for ending in _DEBUG_ENDINGS:
        if name.endswith(ending) and len(name) > len(ending):
            return name.removesuffix(ending)
    return name
