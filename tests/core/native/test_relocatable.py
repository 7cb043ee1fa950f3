# SPDX-License-Identifier: MPL-2.0

"""Kernel modules, which are loaded without having been linked. What is said of their code, ``test_agreement`` checks."""

import re
import struct
from pathlib import Path

import pytest
from tests.core.native.programs import derived_text, files_of

from tecken.core.errors import MalformedNativeFileError, UnsupportedNativeFileError
from tecken.core.native.content import Content
from tecken.core.native.derive import derive, derive_share, inflate_sections, join_shares
from tecken.core.native.elf import SHF_EXECINSTR
from tecken.core.native.identify import identify_file
from tecken.core.native.kinds import Role
from tecken.core.native.model import NativeFiles
from tecken.core.native.relocatable import RelocatableElf, open_elf


def opened(path: Path) -> RelocatableElf:
    elf = open_elf(Content.of_file(path))
    assert isinstance(elf, RelocatableElf)
    return elf


def changed(path: Path, target: Path, at: int, data: bytes) -> Path:
    content = bytearray(path.read_bytes())
    content[at : at + len(data)] = data
    target.write_bytes(content)
    return target


@pytest.mark.parametrize("name", ["ko", "ko-arm64", "ko-i386"])
def test_offsets_count_from_the_first_code_and_all_code_has_its_own(
    native: Path, tmp_path: Path, name: str
) -> None:
    text, derived = derived_text(files_of(native, name), tmp_path)
    starts = [int(start, 16) for start in re.findall(r"^FUNC (\w+)", text, re.MULTILINE)]
    assert starts[0] == 0
    assert len(set(starts)) == len(starts) == derived.functions >= 9
    assert derived.unwind_records > 10
    (module,) = identify_file(native / name)
    assert (module.role, module.is_derivable) == (Role.EXECUTABLE, True)


def test_sections_lie_as_the_kernel_puts_them(native: Path, tmp_path: Path) -> None:
    plain = opened(native / "ko")
    names = bytes(native.joinpath("ko").read_bytes())
    at = names.rindex(b".text.by_lambda\0")
    elf = opened(changed(native / "ko", tmp_path / "x", at, b".init.bylambda\0\0"))
    code = sorted(
        (one.address, one.name) for one in elf.sections if one.flags & SHF_EXECINSTR and one.size
    )
    assert code[0] == (0x1000, ".text.opaque")  # the first that is not empty
    assert code[-1][1] == ".init.bylambda"
    others = [one for one in elf.sections if one.flags & 2 and one.name == ".eh_frame"]
    assert others[0].address < code[-1][0]
    ends = 0
    for section in sorted(elf.sections, key=lambda one: one.address):
        if section.address:
            assert section.address % section.alignment == 0
            assert section.address >= ends
            ends = section.address + section.size
    assert {one.name for one in plain.sections if one.address} >= {".text.by_lambda", ".eh_frame"}


@pytest.mark.parametrize("name", ["ko", "ko-arm64"])
def test_shares_made_apart_say_the_same(native: Path, tmp_path: Path, name: str) -> None:
    inflated = tmp_path / "inflated"
    inflated.mkdir()
    files = NativeFiles("x", native / name, inflated=inflated)
    inflate_sections(files)
    folders = [tmp_path / str(share) for share in range(2)]
    for share, folder in enumerate(folders):
        folder.mkdir()
        derive_share(files, folder, share, 2)
    joined = join_shares(files, folders, tmp_path / "joined.sym")
    assert joined == derive(NativeFiles("x", native / name), tmp_path / "whole.sym")


def test_no_name_of_a_section_leads_out_of_the_folder(native: Path, tmp_path: Path) -> None:
    names = native.joinpath("ko").read_bytes()
    at = names.rindex(b".debug_info\0")
    path = changed(native / "ko", tmp_path / "x", at, b"../escaped1\0")
    folder = tmp_path / "inflated"
    folder.mkdir()
    elf = open_elf(Content.of_file(path), folder)
    [section] = [one for one in elf.sections if one.name == "../escaped1"]
    assert elf.content_of(section).size
    assert {one.name for one in tmp_path.iterdir()} == {"x", "inflated"}
    assert len(list(folder.iterdir())) == 1


def test_what_refers_to_nothing_is_refused(native: Path, tmp_path: Path) -> None:
    [table] = [one for one in opened(native / "ko").sections if one.name == ".rela.debug_info"]
    for field in (struct.pack("<Q", 1 << 40), struct.pack("<QQ", 0, 1 << 60 | 1)):
        path = changed(native / "ko", tmp_path / "x", table.offset, field)
        with pytest.raises(MalformedNativeFileError, match="refers to what is not there"):
            derive(NativeFiles("x", path), tmp_path / "out")


def test_other_processors_and_objects_without_an_id_are_refused(
    native: Path, tmp_path: Path
) -> None:
    path = changed(native / "ko", tmp_path / "x", 18, struct.pack("<H", 21))
    with pytest.raises(UnsupportedNativeFileError, match="another processor"):
        derive(NativeFiles("x", path), tmp_path / "out")
    note = native.joinpath("ko").read_bytes().index(b"\x14\0\0\0\x03\0\0\0GNU\0")
    path = changed(native / "ko", tmp_path / "x", note + 4, b"\x09")
    with pytest.raises(UnsupportedNativeFileError, match="was not linked"):
        derive(NativeFiles("x", path), tmp_path / "out")
