# SPDX-License-Identifier: MPL-2.0

"""What files of a build are: told from their content."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.native_files import (
    BUILD_ID,
    DEBUG_ID,
    PROGRAM,
    PROGRAM_DEBUG,
    PROGRAM_FULL,
    fat_macho,
    macho,
    pdb,
    pe,
    portable_pdb,
    source_bundle,
)

from tecken.core.errors import (
    MalformedNativeFileError,
    NativeFileError,
    UnsupportedNativeFileError,
)
from tecken.core.native.content import Content
from tecken.core.native.identify import identify
from tecken.core.native.kinds import Identified, Kind, Role, kind_of

WINDOWS_ID = "44E4EC8C2F41492B9369D6B9A059577C2"
ALL = {
    "crash": PROGRAM,
    "crash.debug": PROGRAM_DEBUG,
    "crash.full": PROGRAM_FULL,
    "xul.dll": pe(),
    "xul.pdb": pdb(),
    "net.pdb": portable_pdb(),
    "mach": macho(),
    "fat": fat_macho(macho(), macho(processor=0x01000007)),
    "xul.src.zip": source_bundle(),
}


def identified(data: bytes, name: str) -> tuple[Identified, ...]:
    return identify(Content(data, 0, len(data), "the file"), name)


def one(data: bytes, name: str) -> Identified:
    (found,) = identified(data, name)
    return found


def test_an_executable_of_linux_is_known_by_its_build_id() -> None:
    found = one(PROGRAM, "crash")
    assert (found.kind, found.role, found.arch) == (Kind.ELF, Role.EXECUTABLE, "x86_64")
    assert (found.debug_file, found.debug_id) == ("crash", DEBUG_ID)
    assert (found.code_id, found.native_id) == (BUILD_ID.upper(), BUILD_ID)
    assert found.has == ("unwind",)
    assert found.lacks == ("lines", "symbols")


def test_an_executable_that_was_not_stripped_has_everything() -> None:
    assert one(PROGRAM_FULL, "crash").has == ("lines", "symbols", "unwind")


def test_a_separate_debug_file_is_of_the_module_that_its_name_begins_with() -> None:
    found = one(PROGRAM_DEBUG, "crash.debug")
    assert (found.role, found.debug_file, found.debug_id) == (Role.DEBUGINFO, "crash", DEBUG_ID)
    assert found.has == ("lines", "symbols")


def test_a_dll_is_known_by_its_pdb_and_by_its_timestamp_and_size() -> None:
    found = one(pe(), "xul.dll")
    assert (found.kind, found.role, found.arch) == (Kind.PE, Role.EXECUTABLE, "x86_64")
    assert (found.debug_file, found.debug_id) == ("xul.pdb", WINDOWS_ID)
    assert (found.code_file, found.code_id) == ("xul.dll", "5CF2591C12000")
    assert found.native_id == WINDOWS_ID.lower()
    assert found.has == ("unwind",)


def test_a_pdb_has_the_age_of_its_dbi_stream() -> None:
    found = one(pdb(info_age=7, dbi_age=2), "xul.pdb")
    assert (found.kind, found.role, found.arch) == (Kind.PDB, Role.DEBUGINFO, "x86_64")
    assert (found.debug_file, found.debug_id) == ("xul.pdb", WINDOWS_ID)
    assert found.has == ("lines", "symbols", "unwind")


def test_a_portable_pdb_has_the_id_of_its_pdb_stream() -> None:
    found = one(portable_pdb(), "net.pdb")
    assert found.debug_id == "44E4EC8C2F41492B9369D6B9A059577CFFFFFFFF"
    assert found.has == ("lines",)


def test_a_mach_o_file_is_known_by_its_uuid() -> None:
    found = one(macho(), "mach")
    assert (found.kind, found.role, found.arch) == (Kind.MACHO, Role.EXECUTABLE, "arm64")
    assert found.debug_id == "44E4EC8C2F41492B9369D6B9A059577C0"
    assert found.has == ("lines", "symbols", "unwind")


def test_a_dsym_is_a_debug_file_without_the_content_of_the_program() -> None:
    found = one(macho(file_type=0xA), "mach")
    assert (found.role, found.has) == (Role.DEBUGINFO, ("lines", "symbols"))


def test_each_slice_of_a_fat_file_is_a_module() -> None:
    other = UUID(int=1)
    data = fat_macho(macho(), macho(processor=0x01000007, uuid=other))
    arm, intel = identified(data, "mach")
    assert (arm.arch, arm.debug_id[:4]) == ("arm64", "44E4")
    assert (intel.arch, intel.native_id) == ("x86_64", other.hex)


def test_a_source_bundle_says_what_it_is_of() -> None:
    found = one(source_bundle(), "xul.src.zip")
    assert (found.kind, found.debug_file, found.debug_id) == ("sourcebundle", "xul.pdb", WINDOWS_ID)
    assert found.has == ("sources",)


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"MODULE Linux x86_64 " + b"0" * 33, Kind.BREAKPAD),
        (b"\xca\xfe\xba\xbe\0\0\0\x34", Kind.OTHER),  # a Java class
        (b"MZ" + bytes(100), Kind.OTHER),  # a program for MS-DOS
        (b"MZ", Kind.OTHER),
        (b"", Kind.OTHER),
        (b"PK\3\4", Kind.OTHER),
    ],
)
def test_other_files_are_told_by_their_first_bytes(head: bytes, kind: Kind) -> None:
    assert kind_of(head) == kind


def test_what_is_no_native_file_is_refused() -> None:
    with pytest.raises(UnsupportedNativeFileError, match="no native file"):
        identified(b"#!/bin/sh\n", "run")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (source_bundle(b"{}"), "names no debug id"),
        (source_bundle(b'{"debug_id": "%s"}' % (b"1" * 200)), "names no debug id"),
        (source_bundle(b"["), "no source bundle"),
        (b"SYSB\2\0\0\0", "no zip"),
        (b"Microsoft C/C++ program database 2.00\r\n\x1aJG\0\0", "old form"),
        (pdb()[:600], "ends"),
        (pe()[:0x210], "ends"),
        (fat_macho(b"nonsense"), "no Mach-O"),
        (PROGRAM[:200], "goes beyond"),
    ],
)
def test_a_damaged_file_says_what_is_wrong(data: bytes, reason: str) -> None:
    with pytest.raises(NativeFileError, match=reason):
        identified(data, "file")


def test_a_core_dump_is_not_taken_for_a_program() -> None:
    core = PROGRAM[:16] + b"\4\0" + PROGRAM[18:]
    with pytest.raises(UnsupportedNativeFileError, match="core dump"):
        identified(core, "core")


def test_sizes_that_a_pdb_claims_cost_nothing() -> None:
    # A directory of four gigabytes, with as many streams as fit: the information lies beyond the file.
    data = bytearray(pdb())
    data[44:48] = b"\xff\xff\xff\xff"
    data[3 * 512 : 3 * 512 + 4] = b"\xff\xff\xff\x3f"
    with pytest.raises(MalformedNativeFileError):
        identified(bytes(data), "xul.pdb")


@given(
    st.sampled_from(sorted(ALL)),
    st.lists(st.tuples(st.integers(0, 4096), st.binary(min_size=1, max_size=8)), max_size=4),
    st.integers(0, 4096),
)
def test_whatever_is_damaged_there_is_an_answer_or_our_error(
    name: str, changes: list[tuple[int, bytes]], cut: int
) -> None:
    data = bytearray(ALL[name])
    for at, replacement in changes:
        at %= len(data)
        data[at : at + len(replacement)] = replacement
    try:
        found = identified(bytes(data[: len(data) - cut % len(data)]), name)
    except NativeFileError:
        return
    for module in found:
        assert set(module.debug_id) <= set("0123456789ABCDEF")
