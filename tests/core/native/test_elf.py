# SPDX-License-Identifier: MPL-2.0

import struct
import zlib
from pathlib import Path

import pytest

from tecken.core.errors import (
    MalformedNativeFileError,
    NativeFileError,
    UnsupportedNativeFileError,
)
from tecken.core.native.content import Content
from tecken.core.native.elf import ElfFile
from tecken.core.native.inflating import ZLIB, inflated

SECTION = struct.Struct("<IIQQQQIIQQ")


def _elf(path: Path) -> ElfFile:
    return ElfFile(Content.of_file(path))


def _of(data: bytes) -> ElfFile:
    return ElfFile(Content(data, 0, len(data), "the file"))


def test_an_executable_names_its_debug_file(native: Path) -> None:
    stripped, debug = _elf(native / "gcc5.stripped"), _elf(native / "gcc5.debug")
    assert stripped.build_id == debug.build_id
    assert len(debug.build_id or "") == 40
    assert stripped.debug_section("info") is None
    assert debug.debug_section("info") is not None


def test_a_file_names_that_of_dwz(native: Path) -> None:
    alternate_id = _elf(native / "dwz").alternate_id
    assert alternate_id is not None
    assert alternate_id == _elf(native / "dwz.alt").build_id


@pytest.mark.parametrize(
    ("name", "is_64", "order", "machine"),
    [("gcc5", True, "<", 62), ("arm64", True, "<", 183), ("i386", False, "<", 3), ("s390x", True, ">", 22)],
)  # fmt: skip
def test_both_classes_and_byte_orders_are_read(
    native: Path, name: str, is_64: bool, order: str, machine: int
) -> None:
    elf = _elf(native / name)
    assert (elf.is_64, elf.order, elf.machine) == (is_64, order, machine)
    assert any(section.name == ".text" for section in elf.sections)
    first, last = elf.code_ranges[0][0], elf.code_ranges[-1][1]
    assert elf.base_address <= first < last


@pytest.mark.parametrize("name", ["gcc4", "clang-zstd"])
def test_compressed_sections_are_inflated(native: Path, name: str) -> None:
    elf = _elf(native / name)
    section = elf.find(".debug_info")
    content = elf.debug_section("info")
    assert section is not None
    assert content is not None
    assert content.size > section.size
    assert content.cut(4, 6) in {b"\4\0", b"\5\0"}


def test_a_large_section_is_inflated_into_a_file() -> None:
    text = bytes(range(256)) * 4096
    packed = zlib.compress(text)
    content = inflated(Content(packed, 0, len(packed), ".debug_str"), ZLIB, len(text))
    assert content.cut(0, len(text)) == text
    assert not isinstance(content.buffer, bytes)


def test_processes_share_what_was_inflated(tmp_path: Path) -> None:
    text = bytes(range(256)) * 4096
    packed = zlib.compress(text)
    content = Content(packed, 0, len(packed), ".debug_str")
    assert inflated(content, ZLIB, len(text), tmp_path).cut(0, len(text)) == text
    [kept] = tmp_path.iterdir()
    kept.write_bytes(b"x" * len(text))  # so that it is seen whether it is used
    assert inflated(content, ZLIB, len(text), tmp_path).cut(0, 3) == b"xxx"


def test_no_name_of_a_section_leads_out_of_the_folder(tmp_path: Path) -> None:
    text = bytes(1024 * 1024)
    packed = zlib.compress(text, 1)
    folder = tmp_path / "inflated"
    folder.mkdir()
    inflated(Content(packed, 0, len(packed), "../escaped"), ZLIB, len(text), folder)
    assert [one.name for one in tmp_path.iterdir()] == ["inflated"]
    assert len(list(folder.iterdir())) == 1


@pytest.mark.parametrize(
    ("packed", "kind", "size", "reason"),
    [
        (zlib.compress(b"abc"), ZLIB, 4, "inflates to less"),
        (zlib.compress(b"abc" * 99)[:-20], ZLIB, 297, "inflates to less"),
        (b"no zlib at all", ZLIB, 4, "cannot be inflated"),
        (b"no zstd at all", 2, 4, "cannot be inflated"),
        (b"", 7, 4, "an unknown way"),
        (b"", ZLIB, 2**60, "more than 17,179,869,184 bytes"),
    ],
)
def test_damaged_compression_is_refused(packed: bytes, kind: int, size: int, reason: str) -> None:
    with pytest.raises(NativeFileError, match=reason):
        inflated(Content(packed, 0, len(packed), ".debug_str"), kind, size)


def test_no_more_is_inflated_than_was_announced() -> None:
    packed = zlib.compress(bytes(10_000_000))
    assert inflated(Content(packed, 0, len(packed), ".debug_str"), ZLIB, 300_000).size == 300_000


@pytest.mark.parametrize(
    ("at", "value", "reason"),
    [
        (4, 9, "no known class"),
        (5, 0, "no known class"),
        (0x2F, 0xFF, "section headers goes beyond the end"),
        (0x3A, 1, "section headers have 1 bytes"),
        (0x3E, 200, "names of sections is not there"),
    ],
)
def test_damaged_headers_are_refused(native: Path, at: int, value: int, reason: str) -> None:
    data = bytearray((native / "gcc5").read_bytes())
    data[at] = value
    with pytest.raises(MalformedNativeFileError, match=reason):
        _of(bytes(data)).sections  # noqa: B018 - that reads them


def test_a_number_of_sections_in_the_first_of_them_is_bounded(native: Path) -> None:
    data = bytearray((native / "gcc5").read_bytes())
    (offset,) = struct.unpack_from("<Q", data, 0x28)
    data[0x3C:0x3E] = b"\0\0"
    struct.pack_into("<Q", data, offset + 32, 2**40)
    with pytest.raises(UnsupportedNativeFileError, match="more than 262,144 sections"):
        _of(bytes(data)).sections  # noqa: B018 - that reads them


def test_a_section_beyond_the_end_is_refused(native: Path) -> None:
    data = bytearray((native / "gcc5").read_bytes())
    elf = _of(bytes(data))
    (table,) = struct.unpack_from("<Q", data, 0x28)
    number = next(n for n, s in enumerate(elf.sections) if s.name == ".debug_line")
    struct.pack_into("<Q", data, table + number * SECTION.size + 32, 2**63)
    with pytest.raises(MalformedNativeFileError, match=r"\.debug_line goes beyond the end"):
        _of(bytes(data)).debug_section("line")


def test_something_else_is_refused() -> None:
    for data in (b"\x7fELF", b"MZ" + bytes(62), b"\x7fEL" + bytes(61)):
        with pytest.raises(UnsupportedNativeFileError, match="no ELF"):
            _of(data)


def test_without_a_build_id_code_tells_builds_apart(native: Path) -> None:
    """Breakpad folds the first page of the code; checked with its own arithmetic, byte by byte."""
    elf = _elf(native / "gcc5")
    section = elf.find(".text")
    assert section is not None
    text = elf.content.cut(section.offset, section.offset + section.size + 16)
    expected = bytearray(16)
    for start in range(0, section.size, 16):
        for number in range(16):
            expected[number] ^= text[start + number]
    assert elf.text_digest == expected.hex()
    assert _elf(native / "gcc5.debug").text_digest is None
