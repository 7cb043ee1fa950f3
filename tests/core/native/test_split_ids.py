# SPDX-License-Identifier: MPL-2.0

"""Files with split units, and the programs that refer to them: told apart, and found by the ids of units."""

import random
import struct
from pathlib import Path

import pytest
from tests.core.native.assembled import elf
from tests.core.native.programs import derived_text, files_of

from tecken.core.errors import MalformedNativeFileError, NativeFileError, UnsupportedNativeFileError
from tecken.core.native.content import Content
from tecken.core.native.elf import SHF_COMPRESSED, ElfFile
from tecken.core.native.identify import identify_file
from tecken.core.native.kinds import Kind, Role
from tecken.core.native.split_ids import SAMPLED_IDS, sample_of, split_ids_of
from tecken.core.symbols.symbol_file import SymbolFile

SPLIT = ["split5", "split4", "splitgcc4"]


@pytest.mark.parametrize("name", SPLIT)
def test_a_program_and_its_packed_units_have_the_same_ids(native: Path, name: str) -> None:
    (packed,) = identify_file(native / f"{name}.dwp")
    (program,) = identify_file(native / name)
    assert program.may_be_split
    assert not packed.may_be_split
    assert len(packed.split_ids) >= 2
    assert split_ids_of(native / name) == packed.split_ids


@pytest.mark.parametrize("name", SPLIT)
def test_packed_units_are_kept_by_their_ids(native: Path, tmp_path: Path, name: str) -> None:
    (packed,) = identify_file(native / f"{name}.dwp")
    assert (packed.kind, packed.role, packed.has) == (Kind.ELF, Role.SPLIT, ("symbols",))
    assert (packed.debug_file, packed.debug_id) == (f"{name}.dwp", "")
    assert packed.code_id == packed.native_id.upper()
    assert len(packed.native_id) == 40
    assert not packed.is_derivable
    assert packed.lacks == ()
    same = tmp_path / "renamed"
    same.write_bytes((native / f"{name}.dwp").read_bytes())
    (renamed,) = identify_file(same)
    assert (renamed.native_id, renamed.debug_file) == (packed.native_id, "renamed.dwp")


def test_programs_that_were_not_split_refer_to_nothing(native: Path) -> None:
    for name in ("gcc5", "gcc4", "gcc3", "clang5", "clang-zstd", "i386"):
        assert split_ids_of(native / name) == ()


def test_loose_split_units_are_refused_and_it_is_said_what_to_do(tmp_path: Path) -> None:
    path = elf(tmp_path / "first.dwo", {".debug_info.dwo": bytes(16)})
    with pytest.raises(UnsupportedNativeFileError, match="dwp -e PROGRAM"):
        identify_file(path)


def test_no_large_index_is_inflated_to_tell_what_a_file_is(native: Path, tmp_path: Path) -> None:
    data = bytearray((native / "split5.dwp").read_bytes())
    opened = ElfFile(Content.of_file(native / "split5.dwp"))
    [number] = [
        n for n, one in enumerate(opened.sections) if one.name == ".debug_cu_index" and one.size
    ]
    (headers_at,) = struct.unpack_from("<Q", data, 40)
    struct.pack_into("<Q", data, headers_at + 64 * number + 8, SHF_COMPRESSED)
    for size, refusal in ((1 << 33, "more than 67,108,864 bytes"), (1 << 20, "cannot be inflated")):
        struct.pack_into("<IIQQ", data, opened.sections[number].offset, 1, 0, size, 1)
        path = tmp_path / "x.dwp"
        path.write_bytes(data)
        with pytest.raises(NativeFileError, match=refusal):
            identify_file(path)


def test_a_file_with_packed_units_beside_its_program_is_used(native: Path, tmp_path: Path) -> None:
    text, _ = derived_text(files_of(native, "split5"), tmp_path)
    assert "INLINE_ORIGIN" in text
    addresses = range(0x5000)
    with (
        SymbolFile.open(tmp_path / "derived.sym") as expected,
        SymbolFile.open(native / "split5") as opened,
    ):
        assert opened.lookup_many(addresses) == expected.lookup_many(addresses)


def index(slots: int, count: int, ids: list[int], numbers: list[int], version: int = 5) -> bytes:
    head = struct.pack("<HHIII", version, 0, 1, count, slots)
    return head + struct.pack(f"<{len(ids)}Q", *ids) + struct.pack(f"<{len(numbers)}I", *numbers)


def test_an_index_without_units_gives_no_id(tmp_path: Path) -> None:
    path = elf(tmp_path / "x.dwp", {".debug_cu_index": index(2, 0, [0, 0], [0, 0])})
    (packed,) = identify_file(path)
    assert (packed.native_id, packed.split_ids, packed.has) == ("", (), ())


@pytest.mark.parametrize(
    "damaged",
    [index(1 << 30, 1, [], []), index(4, 9, [1], [1]), index(4, 2, [1, 2], []), b"\5\0\0"],
)
def test_a_damaged_index_is_told(tmp_path: Path, damaged: bytes) -> None:
    path = elf(tmp_path / "x.dwp", {".debug_cu_index": damaged})
    with pytest.raises(MalformedNativeFileError):
        identify_file(path)


def test_samples_meet_where_one_file_has_the_units_of_several_programs() -> None:
    """Ids are digests. With as many programs as a sample has ids, they would begin not to meet."""
    made = random.Random(19)
    missed = 0
    for _ in range(200):
        program = {made.getrandbits(64) for _ in range(300)}
        others = {made.getrandbits(64) for _ in range(300 * 5)}
        missed += not set(sample_of(program)) & set(sample_of(program | others))
    assert SAMPLED_IDS == 32
    assert missed <= 2
