# SPDX-License-Identifier: MPL-2.0

import json
from collections.abc import Iterable
from pathlib import Path

import pytest

from tecken.core.archives.archive import open_archive
from tecken.core.archives.directory import ArchiveLimits, ArchiveMember
from tecken.core.archives.layout import Layout, lay_out, symbol_key_of
from tecken.core.errors import ArchiveRefusedError
from tecken.core.identifiers import SymbolKey

ID = "44E4EC8C2F41492B9369D6B9A059577C2"


def member(name: str, size: int = 10, crc: int = 1) -> ArchiveMember:
    return ArchiveMember(name, size, size, crc, method=0, data_offset=0)


def test_a_path_of_three_parts_is_a_symbol_key() -> None:
    assert symbol_key_of(f"xul.pdb/{ID.lower()}/xul.sym") == SymbolKey("xul.pdb", ID, "xul.sym")


@pytest.mark.parametrize(
    "name",
    ["target-symbols.txt", "Target-SYMBOLS.TXT", "-symbols.txt", ".DS_Store", "a/.DS_Store",
     "a/ABC/.DS_Store", "a/b/c/d/.DS_Store"],
)  # fmt: skip
def test_lists_of_symbols_and_what_finder_leaves_are_ignored(name: str) -> None:
    assert symbol_key_of(name) is None


@pytest.mark.parametrize(
    "name",
    ["xul.sym", "xul.pdb/xul.sym", "a/b/c/d", f"xul.pdb/{ID}x/xul.sym", "a/ABC/x-symbols.txt/b",
     "a/target-symbols.txt", "symbols.txt", "a/.DS_Store/b", "a/./ABC/b"],
)  # fmt: skip
def test_any_other_path_is_refused_by_name(name: str) -> None:
    with pytest.raises(ArchiveRefusedError) as caught:
        symbol_key_of(name)
    if "/./" not in name:
        assert str(caught.value) == (
            "Unrecognized file pattern. Should only be <module>/<hex>/<file> or "
            "<name>-symbols.txt and nothing else. "
            f"(First unrecognized pattern was {name})"
        )


@pytest.mark.parametrize(
    "name",
    ["a/ABC/p%eter.sym", "a/ABC/a\\b", "a\\ABC\\b", 'a"/ABC/b', "a\0b/ABC/c", "é/ABC/b",
     "%-symbols.txt", "\0/.DS_Store"],
)  # fmt: skip
def test_invalid_characters_are_refused(name: str) -> None:
    with pytest.raises(ArchiveRefusedError) as caught:
        symbol_key_of(name)
    assert str(caught.value) == f"Invalid character in filename '{name}'"


@pytest.mark.parametrize("name", ["/a/ABC/b", "/.DS_Store", "../a/b", "a/../b", "..", "", "/"])
def test_a_path_that_leads_out_of_the_archive_is_refused(name: str) -> None:
    with pytest.raises(ArchiveRefusedError, match="leads out of the archive"):
        symbol_key_of(name)


@pytest.mark.parametrize(
    "name", [".index/ABC/b", ".meta/ABC/b", "a" * 256 + "/ABC/b", "a//b", "a/ABC/."]
)
def test_a_path_that_can_never_be_stored_is_refused(name: str) -> None:
    with pytest.raises(ArchiveRefusedError, match="can never be stored"):
        symbol_key_of(name)


def test_files_and_ignored_members_keep_their_order() -> None:
    members = [member(name) for name in ["b/ABC/b", "x-symbols.txt", "a/ABC/a", "a/.DS_Store"]]
    layout = lay_out(members)
    assert [file.member for file in layout.files] == [members[0], members[2]]
    assert [str(file.key) for file in layout.files] == ["b/ABC/b", "a/ABC/a"]
    assert layout.ignored == ("x-symbols.txt", "a/.DS_Store")


def test_an_archive_of_ignored_members_only_is_fine() -> None:
    assert lay_out([member("x-symbols.txt")]) == Layout((), ("x-symbols.txt",))


def test_an_archive_without_files_is_refused() -> None:
    with pytest.raises(ArchiveRefusedError, match=r"^File is not a zip file$"):
        lay_out([])


def test_equal_twins_count_once() -> None:
    layout = lay_out(
        [member("a/ABC/a"), member("a/ABC/a"), member(".DS_Store"), member(".DS_Store")]
    )
    assert len(layout.files) == 1
    assert layout.ignored == (".DS_Store",)


def refused(members: Iterable[ArchiveMember]) -> str:
    with pytest.raises(ArchiveRefusedError) as caught:
        lay_out(members)
    return str(caught.value)


def test_twins_of_different_size_are_refused() -> None:
    assert refused([member("a/ABC/a", 39), member("a/ABC/a", 24)]) == (
        "The zipfile buffer contains two files both called a/ABC/a "
        "and they have difference sizes (24 != 39)"
    )


def test_twins_of_equal_size_and_different_contents_are_refused() -> None:
    assert refused([member("a/ABC/a", crc=1), member("a/ABC/a", crc=2)]) == (
        "The zipfile buffer contains two files both called a/ABC/a and they have different contents"
    )


def test_names_that_differ_in_the_case_of_the_id_are_twins() -> None:
    assert len(lay_out([member("a/abc/a"), member("a/ABC/a")]).files) == 1
    assert "both called a/ABC/a" in refused([member("a/abc/a", 1), member("a/ABC/a", 2)])


def lay_out_file(path: Path) -> Layout:
    limits = ArchiveLimits(100, 1 << 20, 1 << 20, 200)
    with path.open("rb") as file:
        return lay_out(open_archive(file, limits).members)


@pytest.mark.real_data
def test_the_sample_archives_are_laid_out(real_data: Path) -> None:
    layout = lay_out_file(real_data / "archives" / "sample-with-ignorable-files.zip")
    assert [str(file.key) for file in layout.files] == [
        "flag/DEADBEEF/flag.jpeg",
        "xpcshell.dbg/A7D6F1BB18CD4CB48/xpcshell.sym",
    ]
    assert layout.ignored == (
        "build-symbols.txt",
        "flag/.DS_Store",
        "xpcshell.dbg/A7D6F1BB18CD4CB48/.DS_Store",
    )
    assert lay_out_file(real_data / "archives" / "sample.zip").files[1].key == layout.files[1].key


@pytest.mark.real_data
def test_equal_twins_of_a_real_archive_count_once(real_data: Path) -> None:
    assert len(lay_out_file(real_data / "archives" / "duplicated-same-size.zip").files) == 1


@pytest.mark.real_data
@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("duplicated-different-size", r"two files both called foo.*\(24 != 39\)$"),
        ("invalid-characters", "Invalid character in filename '.*/p%eter.sym'"),
        ("invalid", r"\(First unrecognized pattern was xpcshell.sym\)"),
    ],
)
def test_bad_real_archives_are_refused(real_data: Path, name: str, message: str) -> None:
    with pytest.raises(ArchiveRefusedError, match=message):
        lay_out_file(real_data / "archives" / f"{name}.zip")


# What the upload page says before an archive is sent; its own test holds it to the same list.
MEMBER_NAMES = Path(__file__).parents[3] / "frontend/src/features/uploads/testing/member-names.json"


@pytest.mark.parametrize(
    ("name", "verdict"),
    [(case["name"], case["verdict"]) for case in json.loads(MEMBER_NAMES.read_text())],
)
def test_the_page_and_the_server_judge_paths_alike(name: str, verdict: dict[str, str]) -> None:
    assert judged(name) == verdict


def judged(name: str) -> dict[str, str]:
    try:
        key = symbol_key_of(name)
    except ArchiveRefusedError as error:
        return {"kind": "refused", "reason": str(error)}
    return {"kind": "stored", "key": str(key)} if key else {"kind": "ignored"}
