# SPDX-License-Identifier: MPL-2.0

import lzma
import re
from dataclasses import replace
from pathlib import Path

import pytest
from tests.core.native.assembled import elf
from tests.core.native.programs import derived_text, files_of

from tecken.core.errors import MalformedNativeFileError, UnsupportedNativeFileError
from tecken.core.native.content import Content
from tecken.core.native.derive import derive, derive_share, join_shares
from tecken.core.native.dwarf import functions
from tecken.core.native.elf import ElfFile
from tecken.core.native.model import Derived, NativeFiles
from tecken.core.symbols.symbol_file import SymbolFile


@pytest.fixture(scope="module")
def gcc5(native: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Derived]:
    return derived_text(files_of(native, "gcc5"), tmp_path_factory.mktemp("gcc5"))


def _functions(text: str) -> set[str]:
    return set(re.findall(r"^FUNC \w+ \w+ 0 (.*)$", text, re.MULTILINE))


def _origins(text: str) -> set[str]:
    return set(re.findall(r"^INLINE_ORIGIN \d+ (.*)$", text, re.MULTILINE))


def test_ids_are_those_that_dump_syms_gives(native: Path, gcc5: tuple[str, Derived]) -> None:
    text, derived = gcc5
    build_id = ElfFile(Content.of_file(native / "gcc5")).build_id or ""
    assert derived.code_id == build_id.upper()
    assert derived.kind == "elf"
    assert derived.has == {"lines", "symbols", "unwind"}
    assert derived.debug_id[:8] == "".join(reversed(re.findall("..", derived.code_id[:8])))
    assert text.splitlines()[:2] == [
        f"MODULE Linux x86_64 {derived.debug_id} libsample.so",
        f"INFO CODE_ID {derived.code_id}",
    ]


def test_names_have_their_scopes_and_are_demangled(gcc5: tuple[str, Derived]) -> None:
    text, _ = gcc5
    assert {
        "sell(int)",
        "other(int)",
        "twice(int)",
        "Pair<int>::product() const",
        "(anonymous namespace)::hidden(int)",
        "by_lambda",
        "by_hand",  # which has lines, and no entry in the debug information
    } <= _functions(text)
    # The second has no linkage name.
    assert {"shop::Till::Till(int)", "by_lambda::(anonymous struct)::operator()"} <= _origins(text)


def test_code_of_local_classes_is_found(gcc5: tuple[str, Derived]) -> None:
    text, _ = gcc5
    assert any("Local::deep(int)" in name for name in _functions(text))


def test_paths_of_files_are_whole(gcc5: tuple[str, Derived]) -> None:
    text, _ = gcc5
    paths = set(re.findall(r"^FILE \d+ (.*)$", text, re.MULTILINE))
    assert {"/source/first.cc", "/source/shared.h"} <= paths


@pytest.mark.parametrize("other", ["dwz", "gcc4", "types"])
def test_other_forms_of_the_same_program_have_the_same_names(
    native: Path, tmp_path: Path, gcc5: tuple[str, Derived], other: str
) -> None:
    text, _ = gcc5
    same, _ = derived_text(files_of(native, other), tmp_path)
    assert _functions(same) == _functions(text)
    assert _origins(same) == _origins(text)


def test_a_stripped_program_and_its_debug_file_make_the_whole(
    native: Path, tmp_path: Path, gcc5: tuple[str, Derived]
) -> None:
    whole, _ = gcc5
    debug = NativeFiles("libsample.so", debug=native / "gcc5.debug")
    both = replace(debug, executable=native / "gcc5.stripped")
    assert derived_text(both, tmp_path)[0] == whole
    alone, derived = derived_text(debug, tmp_path)
    assert derived.has == {"lines", "symbols"}
    assert whole.startswith(alone)


def test_a_stripped_program_alone_has_its_dynamic_symbols(native: Path, tmp_path: Path) -> None:
    text, derived = derived_text(NativeFiles("libsample.so", native / "gcc5.stripped"), tmp_path)
    assert derived.functions == 0
    assert derived.has == {"symbols", "unwind"}
    assert re.search(r"^PUBLIC \w+ 0 by_lambda$", text, re.MULTILINE)
    assert derived.unwind_records > 10


@pytest.mark.parametrize("name", ["gcc5", "split5", "dwz"])
def test_shares_made_apart_say_the_same(native: Path, tmp_path: Path, name: str) -> None:
    files = files_of(native, name)
    _, derived = derived_text(files, tmp_path)
    folders = []
    for share in range(3):
        folder = tmp_path / str(share)
        folder.mkdir()
        derive_share(files, folder, share, 3)
        folders.append(folder)
    joined = join_shares(files, folders, tmp_path / "joined.sym")
    assert joined == derived
    addresses = range(0x5000)
    with (
        SymbolFile.open(tmp_path / "derived.sym") as at_once,
        SymbolFile.open(tmp_path / "joined.sym") as of_shares,
    ):
        assert of_shares.lookup_many(addresses) == at_once.lookup_many(addresses)


def test_a_large_unit_is_mapped(
    native: Path, tmp_path: Path, gcc5: tuple[str, Derived], monkeypatch: pytest.MonkeyPatch
) -> None:
    """No program here has a unit of 32 MiB, so that limit is lowered."""
    whole, _ = gcc5
    monkeypatch.setattr(functions, "_IN_MEMORY_BYTES", 16)
    assert derived_text(files_of(native, "gcc5"), tmp_path)[0] == whole


def test_what_was_not_given_is_told(native: Path, tmp_path: Path) -> None:
    text, derived = derived_text(NativeFiles("x", native / "split5"), tmp_path)
    assert derived.lacks == ("split",)
    assert "twice(int)" in _functions(text)  # of the symbol table, with its lines
    text, derived = derived_text(NativeFiles("x", native / "dwz"), tmp_path)
    assert derived.lacks == ("alternate",)
    assert "twice(int)" in _functions(text)


def test_symbols_in_a_packed_section_are_read(native: Path, tmp_path: Path) -> None:
    """Fedora strips programs to that: a small ELF file in ``.gnu_debugdata``."""
    packed = lzma.compress((native / "gcc5").read_bytes())
    program = elf(tmp_path / "program", {".gnu_debugdata": packed})
    text, derived = derived_text(NativeFiles("x", program), tmp_path)
    assert derived.has == {"symbols"}
    assert re.search(r"^PUBLIC \w+ 0 other\(int\)$", text, re.MULTILINE)
    elf(program, {".gnu_debugdata": packed[:-40]})
    with pytest.raises(UnsupportedNativeFileError, match="is not whole"):
        derive(NativeFiles("x", program), tmp_path / "out")
    elf(program, {".gnu_debugdata": b"no xz at all"})
    with pytest.raises(MalformedNativeFileError, match="cannot be inflated"):
        derive(NativeFiles("x", program), tmp_path / "out")


def test_files_of_two_builds_are_refused(native: Path, tmp_path: Path) -> None:
    files = NativeFiles("x", native / "clang5", native / "gcc5.debug")
    with pytest.raises(MalformedNativeFileError, match="two builds"):
        derive(files, tmp_path / "out")


def test_a_file_of_dwz_of_another_build_is_refused(native: Path, tmp_path: Path) -> None:
    files = NativeFiles("x", native / "dwz", alternate=native / "clang5")
    with pytest.raises(MalformedNativeFileError, match="file of dwz has the build id"):
        derive(files, tmp_path / "out")


def test_a_slice_has_to_be_named(native: Path, tmp_path: Path) -> None:
    with pytest.raises(UnsupportedNativeFileError, match="slices for x86_64, arm64: name one"):
        derive(NativeFiles("x", native / "mac"), tmp_path / "out")
    with pytest.raises(UnsupportedNativeFileError, match="none for ppc"):
        derive(NativeFiles("x", native / "mac", arch="ppc"), tmp_path / "out")


def test_a_mach_o_has_its_uuid(native: Path, tmp_path: Path) -> None:
    text, derived = derived_text(files_of(native, "mac-arm64"), tmp_path)
    assert derived.debug_id == f"{derived.code_id}0"
    assert derived.kind == "macho"
    assert derived.has == {"lines", "symbols", "unwind"}
    assert text.startswith(f"MODULE mac arm64 {derived.debug_id} libsample.dylib\n")
    assert {"sell(int)", "by_lambda"} <= _functions(text)


def test_something_else_is_refused(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_bytes(b"PK\3\4 and more")
    with pytest.raises(UnsupportedNativeFileError, match="neither an ELF nor a Mach-O"):
        derive(NativeFiles("x", other), tmp_path / "out")
    other.write_bytes(b"")
    with pytest.raises(MalformedNativeFileError, match="is empty"):
        derive(NativeFiles("x", other), tmp_path / "out")
