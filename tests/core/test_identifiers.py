# SPDX-License-Identifier: MPL-2.0

import pytest

from tecken.core.errors import InvalidNameError
from tecken.core.identifiers import (
    NativeKey,
    SymbolKey,
    debug_id_of_build_id,
    is_full_debug_id,
    is_hex_id,
    parse_stored_key,
    symbol_file_name,
    validate_file_name,
)

ID = "44E4EC8C2F41492B9369D6B9A059577C2"


def test_a_key_is_parsed_and_written() -> None:
    key = SymbolKey.parse(f"xul.pdb/{ID}/xul.sym")
    assert key == SymbolKey("xul.pdb", ID, "xul.sym")
    assert str(key) == f"xul.pdb/{ID}/xul.sym"


def test_an_id_is_in_upper_case_whatever_was_given() -> None:
    assert SymbolKey.of_parts("Xul.pdb", ID.lower(), "Xul.sym") == SymbolKey(
        "Xul.pdb", ID, "Xul.sym"
    )


@pytest.mark.parametrize("debug_id", ["0", "deadbeef", "A" * 40])
def test_an_id_may_have_any_number_of_digits(debug_id: str) -> None:
    assert SymbolKey.of_parts("a", debug_id, "b").debug_id == debug_id.upper()


@pytest.mark.parametrize("debug_id", ["", "xyz", " A", "A\n", "A" * 256, "-1", "0x1", "\u0661"])
def test_an_id_that_is_not_hexadecimal_is_refused(debug_id: str) -> None:
    with pytest.raises(InvalidNameError):
        SymbolKey.of_parts("a", debug_id, "b")


@pytest.mark.parametrize("text", ["", "a", "a/ABC", "a/ABC/b/c", "a//b", "/ABC/b", "a/ABC/"])
def test_a_key_has_three_parts(text: str) -> None:
    with pytest.raises(InvalidNameError):
        SymbolKey.parse(text)


@pytest.mark.parametrize("name", ["a b", "a+b~c@d$e", "Ā", "日本語", "..a", "a.", "x" * 255, "-"])
def test_a_name_that_can_be_stored_is_accepted(name: str) -> None:
    validate_file_name(name)


@pytest.mark.parametrize("character", [*"\\^`><{}[]#%\"'|/\0\n\x1f\x7f\x80\xe9\xff", "\ud800"])
def test_refused_characters_are_refused_anywhere(character: str) -> None:
    for name in [character, f"{character}a", f"a{character}", f"a{character}b"]:
        with pytest.raises(InvalidNameError, match="contains invalid characters"):
            validate_file_name(name)


@pytest.mark.parametrize("name", ["", ".", ".."])
def test_names_that_are_no_file_names_are_refused(name: str) -> None:
    with pytest.raises(InvalidNameError):
        validate_file_name(name)


@pytest.mark.parametrize("name", ["x" * 256, "日" * 86])
def test_a_name_has_at_most_255_bytes(name: str) -> None:
    with pytest.raises(InvalidNameError, match="255 bytes"):
        validate_file_name(name)


def test_the_longest_parts_make_a_key() -> None:
    assert len(str(SymbolKey.of_parts("x" * 255, "A" * 255, "y" * 255))) == 767


@pytest.mark.parametrize("name", [".index", ".meta"])
def test_reserved_names_cannot_be_the_first_part(name: str) -> None:
    with pytest.raises(InvalidNameError, match="is a reserved name"):
        SymbolKey.of_parts(name, "ABC", "x")
    SymbolKey.of_parts("x", "ABC", name)


@pytest.mark.parametrize(
    ("debug_file", "symbol_file"),
    [("xul.pdb", "xul.sym"), ("XUL.PDB", "XUL.sym"), ("libxul.so", "libxul.so.sym"),
     ("XUL", "XUL.sym"), ("a.pdb.so", "a.pdb.so.sym"), (".pdb", ".sym")],
)  # fmt: skip
def test_a_symbol_file_is_named_after_its_debug_file(debug_file: str, symbol_file: str) -> None:
    assert symbol_file_name(debug_file) == symbol_file
    assert SymbolKey.of_module(debug_file, "abc") == SymbolKey(debug_file, "ABC", symbol_file)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("A" * 33, True), ("a" * 40, True), ("A" * 32, False), ("A" * 41, False), ("G" * 33, False)],
)
def test_a_full_debug_id_has_a_guid_and_an_age(text: str, expected: bool) -> None:
    assert is_full_debug_id(text) == expected
    assert is_full_debug_id(f"{text}\n") is False


def test_a_hex_id_has_only_hexadecimal_digits() -> None:
    assert is_hex_id("0aF")
    assert not is_hex_id("")
    assert not is_hex_id("0g")


def test_the_debug_id_of_a_build_id_has_its_first_numbers_swapped() -> None:
    build_id = "2b3f1c5a8e9d60476b1fa2c4d5e6f78901234567"
    assert debug_id_of_build_id(build_id) == "5A1C3F2B9D8E47606B1FA2C4D5E6F7890"


def test_an_original_is_kept_by_its_id_in_lower_case() -> None:
    key = NativeKey.of_id("C6BE8361E29A", "debuginfo")
    assert str(key) == ".native/c6/be8361e29a/debuginfo"
    assert parse_stored_key(str(key)) == key


def test_a_symbol_key_is_parsed_as_ever_beside_originals() -> None:
    assert parse_stored_key("xul.pdb/ab1/xul.sym") == SymbolKey("xul.pdb", "AB1", "xul.sym")


@pytest.mark.parametrize(
    "text",
    [
        ".native/c6/be8361e29a/symbols",
        ".native/C6/be8361e29a/debuginfo",
        ".native/c6be/8361e29a/debuginfo",
        ".native/c6/be/83/debuginfo",
        ".native/c6/../debuginfo",
        ".native/ab/debuginfo",
        f".native/ab/{'0' * 200}/debuginfo",
        ".native",
    ],
)
def test_what_is_no_key_of_an_original_is_refused(text: str) -> None:
    with pytest.raises(InvalidNameError):
        parse_stored_key(text)


def test_the_folder_of_originals_is_reserved() -> None:
    with pytest.raises(InvalidNameError):
        SymbolKey.of_parts(".native", "ABC", "debuginfo")
