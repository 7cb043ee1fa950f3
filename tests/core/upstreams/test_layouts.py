# SPDX-License-Identifier: MPL-2.0

"""Where servers of each layout may have a key."""

from tecken.core.identifiers import NativeKey, SymbolKey, debug_id_of_build_id
from tecken.core.upstreams.layouts import WantedFiles, usable_code_id, wanted_files
from tecken.core.upstreams.urls import Layout

PDB = SymbolKey.of_module("ntdll.pdb", "1EB9FACB04C73C5DEA7160764CD333D0A")
BUILD_ID = "2b3f1c5a8e9d60476b1fa2c4d5e6f78901234567"
ELF = SymbolKey.of_module("libfoo.so+1", debug_id_of_build_id(BUILD_ID))
MACHO = SymbolKey.of_module("XUL", "3FC2A7DCF2C53BD8AE4E5E1A9A8B9D120")


def paths(wanted: WantedFiles) -> list[list[str]]:
    """The paths of the file itself, and of each part."""
    own = [list(wanted.itself.paths)] if wanted.itself else []
    return own + [list(part.paths) for part in wanted.parts]


def test_breakpad() -> None:
    assert paths(wanted_files(Layout.BREAKPAD, PDB)) == [[str(PDB)]]
    assert paths(wanted_files(Layout.BREAKPAD, ELF)) == [[str(ELF).replace("+", "%2B")]]


def test_symsrv_of_windows() -> None:
    name = "ntdll.pdb/1EB9FACB04C73C5DEA7160764CD333D0a"
    pdb = [f"{name}/ntdll.pdb", f"{name}/ntdll.pd_", f"ntdll.pdb/{PDB.debug_id.lower()}/ntdll.pdb"]
    assert paths(wanted_files(Layout.SYMSRV, PDB)) == [pdb]
    [_, image] = paths(wanted_files(Layout.SYMSRV, PDB, "5B6DD8C8A000"))
    assert image == [
        "ntdll.dll/5B6DD8C8a000/ntdll.dll",
        "ntdll.dll/5B6DD8C8a000/ntdll.dl_",
        "ntdll.dll/5b6dd8c8a000/ntdll.dll",
        "ntdll.exe/5B6DD8C8a000/ntdll.exe",
        "ntdll.exe/5B6DD8C8a000/ntdll.ex_",
        "ntdll.exe/5b6dd8c8a000/ntdll.exe",
    ]
    original = SymbolKey.of_parts("ntdll.pdb", PDB.debug_id, "ntdll.pdb")
    assert paths(wanted_files(Layout.SYMSRV, original)) == [pdb]
    assert paths(wanted_files(Layout.SYMSRV, SymbolKey.of_parts("a.pdb", "1", "a.pd_"))) == []


def test_symsrv_of_elf_and_mach_o() -> None:
    [debug, executable] = paths(wanted_files(Layout.SYMSRV, ELF, BUILD_ID.upper()))
    assert debug == [f"_.debug/elf-buildid-sym-{BUILD_ID}/_.debug"]
    assert executable == [f"libfoo.so%2B1/elf-buildid-{BUILD_ID}/libfoo.so%2B1"]
    uuid = MACHO.debug_id[:-1]
    [debug, executable] = paths(wanted_files(Layout.SYMSRV, MACHO, uuid))
    assert debug == [f"_.dwarf/mach-uuid-sym-{uuid.lower()}/_.dwarf"]
    assert executable == [f"xul/mach-uuid-{uuid.lower()}/xul"]
    # Without a code id it may be either, and of a build id 16 bytes are known: filled up as SSQP says.
    [debug, _] = paths(wanted_files(Layout.SYMSRV, ELF))
    assert debug[0] == f"_.debug/elf-buildid-sym-{BUILD_ID[:32]}00000000/_.debug"
    assert debug[1].startswith("_.dwarf/")


def test_debuginfod_needs_the_build_id() -> None:
    found = paths(wanted_files(Layout.DEBUGINFOD, ELF, BUILD_ID.upper()))
    assert found == [[f"buildid/{BUILD_ID}/debuginfo"], [f"buildid/{BUILD_ID}/executable"]]
    assert paths(wanted_files(Layout.DEBUGINFOD, ELF)) == []
    assert paths(wanted_files(Layout.DEBUGINFOD, PDB, "5B6DD8C8A000")) == []


def test_unified() -> None:
    pdb = PDB.debug_id.lower()
    assert paths(wanted_files(Layout.UNIFIED, PDB)) == [
        [f"{pdb[:2]}/{pdb[2:]}/breakpad"],
        [f"{pdb[:2]}/{pdb[2:]}/debuginfo"],
        [f"{pdb[:2]}/{pdb[2:]}/executable"],
    ]
    [_, debug, _] = paths(wanted_files(Layout.UNIFIED, ELF, BUILD_ID.upper()))
    assert debug == [f"2b/{BUILD_ID[2:]}/debuginfo"]


def test_originals_by_their_ids() -> None:
    key = NativeKey.of_id(BUILD_ID, "executable")
    assert paths(wanted_files(Layout.DEBUGINFOD, key)) == [[f"buildid/{BUILD_ID}/executable"]]
    assert paths(wanted_files(Layout.UNIFIED, key)) == [[f"2b/{BUILD_ID[2:]}/executable"]]
    assert paths(wanted_files(Layout.SYMSRV, key)) == []
    bundle = NativeKey.of_id(BUILD_ID, "sourcebundle")
    assert paths(wanted_files(Layout.DEBUGINFOD, bundle)) == []


def test_what_cannot_be_verified_is_not_asked_for() -> None:
    short = SymbolKey.of_module("xul.pdb", "44E4")
    other = SymbolKey.of_parts("ntdll.pdb", PDB.debug_id, "copy.sym")
    for layout in Layout:
        assert paths(wanted_files(layout, short)) == []
        assert paths(wanted_files(layout, other)) == []


def test_a_code_id_of_another_module_is_none() -> None:
    assert usable_code_id(ELF, BUILD_ID) == BUILD_ID.upper()
    assert usable_code_id(ELF, "ff" * 20) == ""
    assert usable_code_id(MACHO, MACHO.debug_id[:-1].lower()) == MACHO.debug_id[:-1]
    assert usable_code_id(PDB, "5b6dd8c8a000") == "5B6DD8C8A000"
    assert usable_code_id(PDB, "../x") == ""
